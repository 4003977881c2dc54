//! A server in front of a real one, which fails as networks and overloaded services do.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

/// How it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It accepts connections, and says nothing.
    Silence,
    /// It answers 503 to everything.
    Overload,
    /// It passes on so many bytes of what the real server says on a connection, and then one a
    /// second.
    TrickleAfter(usize),
}

impl Fault {
    /// The URL of a server that fails so in front of the one at `url`.
    pub async fn in_front_of(self, url: &str) -> String {
        let real: SocketAddr = url.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(self.serve(client, real));
            }
        });
        format!("http://{address}")
    }

    async fn serve(self, client: TcpStream, real: SocketAddr) {
        let (mut from_client, mut to_client) = client.into_split();
        match self {
            Self::Silence => {
                let _ = copy(&mut from_client, &mut tokio::io::sink()).await;
            }
            Self::Overload => overload(&mut from_client, &mut to_client).await,
            Self::TrickleAfter(bytes) => {
                let (from_real, mut to_real) = TcpStream::connect(real).await.unwrap().into_split();
                let asking = async { copy(&mut from_client, &mut to_real).await };
                let _ = tokio::join!(asking, trickle(from_real, &mut to_client, bytes));
            }
        }
    }
}

/// Answers the first request of a connection, and ends it.
async fn overload(from_client: &mut OwnedReadHalf, to_client: &mut OwnedWriteHalf) {
    let mut request = vec![0; 64 << 10];
    if matches!(from_client.read(&mut request).await, Ok(length) if length > 0) {
        let answer =
            b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let _ = to_client.write_all(answer).await;
    }
}

async fn trickle(mut from_real: OwnedReadHalf, to_client: &mut OwnedWriteHalf, mut bytes: usize) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from_real.read(&mut buffer).await {
        let at_once = length.min(bytes);
        bytes -= at_once;
        if to_client.write_all(&buffer[..at_once]).await.is_err() {
            return;
        }
        for byte in &buffer[at_once..length] {
            sleep(Duration::from_secs(1)).await;
            if to_client.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
    }
}
