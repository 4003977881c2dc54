//! A stack, and sockets to it.

use std::time::Duration;

use slipway_local::gateway::Limits;
use slipway_local::{Options, Stack};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A stack whose gateway has these limits.
pub async fn stack(limits: Limits) -> Stack {
    Stack::start(Options { limits, ..Options::ephemeral() }).await.unwrap()
}

/// A connection to the API.
pub async fn connect(stack: &Stack) -> TcpStream {
    TcpStream::connect(stack.base_url.trim_start_matches("http://")).await.unwrap()
}

/// A request with `head`, its lines without the last break, and `body`.
pub async fn send(stream: &mut TcpStream, head: &str, body: &[u8]) {
    stream.write_all(format!("{head}\r\nHost: local\r\n\r\n").as_bytes()).await.unwrap();
    // Whoever is refused early may find the connection closed.
    let _ = stream.write_all(body).await;
}

/// All that comes until the connection is closed, within ten seconds.
pub async fn until_closed(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut text)).await;
    // A reset closes the connection as well.
    let _ = read.expect("the connection is closed in time");
    String::from_utf8(text).unwrap()
}

/// The first bytes that come, within ten seconds.
pub async fn answer(stream: &mut TcpStream) -> String {
    let mut buffer = vec![0; 16 << 10];
    let read = timeout(Duration::from_secs(10), stream.read(&mut buffer)).await;
    let length = read.expect("an answer in time").unwrap();
    String::from_utf8(buffer[..length].to_vec()).unwrap()
}
