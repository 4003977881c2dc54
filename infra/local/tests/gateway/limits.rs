//! What API Gateway and Lambda do not take.

use slipway_local::Stack;
use slipway_local::gateway::Limits;

use crate::support::{connect, send, stack, until_closed};

/// The answer to a POST of `length` bytes, of which only `sent` are sent.
async fn post(stack: &Stack, length: usize, sent: usize) -> String {
    let mut stream = connect(stack).await;
    let head = format!(
        "POST /v1/decision HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {length}"
    );
    send(&mut stream, &head, &vec![b' '; sent]).await;
    until_closed(&mut stream).await
}

#[tokio::test]
async fn a_body_is_refused_by_the_function_above_1_mib_and_by_the_gateway_above_6_and_10_mb() {
    let stack = stack(Limits::default()).await;
    let of_the_gateway = r#"{"message":"Request Entity Too Large"}"#;
    let by_the_function = post(&stack, (1 << 20) + 1, (1 << 20) + 1).await;
    assert!(
        by_the_function.starts_with("HTTP/1.1 413") && by_the_function.contains("body_too_large"),
        "{by_the_function}"
    );
    // As Lambda's event it is too long.
    let event = post(&stack, 6 << 20, 6 << 20).await;
    assert!(event.starts_with("HTTP/1.1 413") && event.ends_with(of_the_gateway), "{event}");
    // It says that it is too long, and is refused before it comes.
    let announced = post(&stack, (10 << 20) + 1, 0).await;
    assert!(announced.starts_with("HTTP/1.1 413") && announced.ends_with(of_the_gateway));
    stack.stop().await;
}

#[tokio::test]
async fn a_head_of_more_than_10240_bytes_is_refused() {
    let stack = stack(Limits::default()).await;
    let mut stream = connect(&stack).await;
    let head = format!("GET /health?{} HTTP/1.1", "a".repeat(10_240));
    send(&mut stream, &head, b"").await;
    assert!(until_closed(&mut stream).await.starts_with("HTTP/1.1 431"));
    stack.stop().await;
}
