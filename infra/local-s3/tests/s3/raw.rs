//! What no client library lets one do.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    signing::Presigned,
    support::{Server, soon},
};

/// Connects and sends the head of a PUT to a presigned URL.
async fn put(server: &Server, headers: &str) -> TcpStream {
    let url = Presigned { method: "PUT", ..Presigned::default() }.url(server);
    let target = url.strip_prefix(&format!("http://{}", server.address)).unwrap();
    let head = format!("PUT {target} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", server.address);
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn answer(stream: &mut TcpStream) -> String {
    let mut buffer = vec![0; 4096];
    let length = soon(stream.read(&mut buffer)).await.unwrap();
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_is_told_to_go_on() {
    let server = Server::start().await;
    let mut stream = put(&server, "Content-Length: 5\r\nExpect: 100-continue\r\n").await;
    assert_eq!(answer(&mut stream).await, "HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"hello").await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    assert_eq!(server.bytes("key").await, b"hello");
}

#[tokio::test]
async fn a_body_above_five_gibibytes_is_refused_before_it_is_sent() {
    let server = Server::start().await;
    let mut stream = put(&server, "Content-Length: 5368709121\r\nExpect: 100-continue\r\n").await;
    let answer = answer(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 400") && answer.contains("<Code>EntityTooLarge</Code>"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_body_of_exactly_five_gibibytes_may_be_sent() {
    let server = Server::start().await;
    let mut stream = put(&server, "Content-Length: 5368709120\r\nExpect: 100-continue\r\n").await;
    assert_eq!(answer(&mut stream).await, "HTTP/1.1 100 Continue\r\n\r\n");
}

#[tokio::test]
async fn the_length_must_be_told() {
    let server = Server::start().await;
    let mut stream = put(&server, "Transfer-Encoding: chunked\r\n").await;
    stream.write_all(b"5\r\nhello\r\n0\r\n\r\n").await.unwrap();
    let answer = answer(&mut stream).await;
    assert!(
        answer.starts_with("HTTP/1.1 411") && answer.contains("<Code>MissingContentLength</Code>"),
        "{answer}"
    );
    assert!(!server.exists("key").await);
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let server = Server::start().await;
    let mut stream = put(&server, "Content-Length: 1000000\r\n").await;
    stream.write_all(&vec![7; 600_000]).await.unwrap();
    soon(async {
        while server.blob_files().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    drop(stream);
    soon(async {
        while !server.blob_files().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    assert!(!server.exists("key").await);
}
