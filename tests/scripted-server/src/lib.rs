//! An HTTP server that answers as a test says, also as servers should not.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has to say so at once")]

mod registry;

pub use registry::{ScriptedRegistry, Then};

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What becomes of a request. The connection ends with it.
pub enum Reply {
    /// These bytes, head and all.
    Raw(Vec<u8>),
    /// These bytes, after a while.
    Late(Duration, Vec<u8>),
    /// The head of 1 MB, and every 50 ms one byte of it, then silence.
    Drip {
        /// So many bytes.
        pieces: usize,
    },
    /// These bytes, and then this one again and again, for as long as somebody reads.
    Endless {
        /// Head, and what the body begins with.
        start: &'static str,
        /// What goes on.
        byte: u8,
    },
    /// Nothing.
    Silence,
}

/// The server, and the heads of the requests that came.
pub struct Server {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Reply {
    /// A text that is sent as it is.
    #[must_use]
    pub fn raw(text: &str) -> Self {
        Self::Raw(text.as_bytes().to_vec())
    }

    /// A document without an announced length.
    #[must_use]
    pub fn document(body: &[u8]) -> Self {
        Self::Raw([b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n", body].concat())
    }

    /// A redirect.
    #[must_use]
    pub fn redirect(url: &str) -> Self {
        Self::raw(&format!("HTTP/1.1 302 Found\r\nlocation: {url}\r\ncontent-length: 0\r\n\r\n"))
    }
}

impl Server {
    /// Answers each path, with its query, as `answer` says.
    ///
    /// # Panics
    /// If there is no port to listen at.
    pub async fn start(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        Self::answering(move |head| answer(head.split(' ').nth(1).unwrap_or_default())).await
    }

    /// Answers each head, request line and headers, as `answer` says.
    ///
    /// # Panics
    /// If there is no port to listen at.
    pub async fn answering(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heads, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                tokio::spawn(async move {
                    let head = head(&mut stream).await;
                    seen.lock().unwrap().push(head.clone());
                    // A client that goes away is what some tests are about.
                    drop(send(stream, answer(&head)).await);
                });
            }
        });
        Self { port, heads }
    }

    /// A URL here.
    ///
    /// # Panics
    /// If `path` is no path.
    #[must_use]
    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}{path}", self.port)).unwrap()
    }

    /// The heads of the requests so far.
    ///
    /// # Panics
    /// If answering one has panicked.
    #[must_use]
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { break };
        head.push(byte);
    }
    String::from_utf8(head).unwrap()
}

async fn send(mut stream: TcpStream, reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Raw(bytes) => stream.write_all(&bytes).await?,
        Reply::Late(after, bytes) => {
            tokio::time::sleep(after).await;
            stream.write_all(&bytes).await?;
        }
        Reply::Drip { pieces } => {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n").await?;
            for _ in 0..pieces {
                stream.write_all(b"x").await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        Reply::Endless { start, byte } => {
            stream.write_all(start.as_bytes()).await?;
            let piece = vec![byte; 1 << 16];
            loop {
                stream.write_all(&piece).await?;
            }
        }
        Reply::Silence => tokio::time::sleep(Duration::from_mins(1)).await,
    }
    stream.shutdown().await
}
