//! Clients that take their time.

use std::time::{Duration, Instant};

use slipway_local::gateway::Limits;
use tokio::io::AsyncWriteExt;
use tokio::time::{sleep, timeout};

use crate::support::{answer, connect, send, stack, until_closed};

/// Short enough to wait for.
const SOON: Duration = Duration::from_millis(500);

#[tokio::test]
async fn a_head_that_trickles_ends_its_connection() {
    let stack = stack(Limits { head: SOON, ..Limits::default() }).await;
    let mut stream = connect(&stack).await;
    let (mut reading, mut writing) = stream.split();
    let begun = Instant::now();
    let trickle = async {
        while writing.write_all(b"GET /health HTTP/1.1\r\nX-A: b\r\n").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    let mut text = Vec::new();
    let closed = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut text);
    let ended = async {
        tokio::select! { _ = closed => {}, () = trickle => {} }
    };
    timeout(Duration::from_secs(10), ended).await.expect("the connection ends");
    assert!(begun.elapsed() >= SOON && !String::from_utf8_lossy(&text).contains("200 OK"));
    stack.stop().await;
}

#[tokio::test]
async fn a_body_that_trickles_is_answered_408_and_ends_its_connection() {
    let stack = stack(Limits { body: SOON, ..Limits::default() }).await;
    let mut stream = connect(&stack).await;
    let head =
        "POST /v1/decision HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 1000";
    send(&mut stream, head, b"{").await;
    let (mut reading, mut writing) = stream.split();
    let trickle = async {
        while writing.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
        std::future::pending::<()>().await;
    };
    let mut text = Vec::new();
    let closed = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut text);
    let ended = async {
        tokio::select! { _ = closed => {}, () = trickle => {} }
    };
    timeout(Duration::from_secs(10), ended).await.expect("the connection ends");
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.starts_with("HTTP/1.1 408") && text.ends_with(r#"{"message":"Request Timeout"}"#),
        "{text}"
    );
    stack.stop().await;
}

#[tokio::test]
async fn a_connection_without_a_place_waits_until_another_one_ends() {
    let stack = stack(Limits { connections: 1, ..Limits::default() }).await;
    let mut first = connect(&stack).await;
    send(&mut first, "GET /health HTTP/1.1", b"").await;
    assert!(answer(&mut first).await.starts_with("HTTP/1.1 200"));
    let mut second = connect(&stack).await;
    send(&mut second, "GET /health HTTP/1.1\r\nConnection: close", b"").await;
    assert!(timeout(SOON, second.readable()).await.is_err(), "the only place is taken");
    drop(first);
    assert!(until_closed(&mut second).await.starts_with("HTTP/1.1 200"));
    stack.stop().await;
}
