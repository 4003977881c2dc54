//! A host elsewhere that serves files over HTTPS, and a network in which it has a name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use slipway_edge::ExternalAccess;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;
use tokio_rustls::server::TlsStream;

use crate::tls_host::TlsHost;

/// Its name.
pub const NAME: &str = "downloads.example.com";
/// Between two pieces of an answer that comes slowly.
const PAUSE: Duration = Duration::from_millis(50);

/// How a host answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// At once.
    #[default]
    AtOnce,
    /// It takes requests and never answers.
    Silent,
    /// A byte every 50 ms.
    ByteByByte,
    /// The file, and then blanks for ever, a KiB every 50 ms.
    Endless,
}

/// The host. What it serves can be changed.
pub struct ExternalHost {
    host: TlsHost,
    paces: Arc<Mutex<HashMap<String, Pace>>>,
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    fetched: Arc<Mutex<Vec<String>>>,
}

impl ExternalHost {
    /// Starts it. It serves nothing yet.
    pub async fn start() -> Self {
        let (files, fetched, paces) = (Arc::default(), Arc::default(), Arc::default());
        let served = Served { files: Arc::clone(&files), paces: Arc::clone(&paces) };
        let asked = Arc::clone(&fetched);
        let serve = move |stream| serve(stream, served.clone(), Arc::clone(&asked));
        Self { host: TlsHost::start(NAME, serve).await, paces, files, fetched }
    }

    /// Serves `path` at this pace from now on.
    pub fn set_pace(&self, path: &str, pace: Pace) {
        self.paces.lock().expect("nobody panics").insert(path.to_owned(), pace);
    }

    /// Serves `bytes` at `path`, or nothing any more.
    pub fn serve(&self, path: &str, bytes: Option<Vec<u8>>) {
        let mut files = self.files.lock().expect("nobody panics");
        match bytes {
            Some(bytes) => drop(files.insert(path.to_owned(), bytes)),
            None => drop(files.remove(path)),
        }
    }

    /// How often `path` was asked for.
    pub fn fetches(&self, path: &str) -> usize {
        let fetched = self.fetched.lock().expect("nobody panics");
        fetched.iter().filter(|one| *one == path).count()
    }

    /// The URL of `path`.
    pub fn url(&self, path: &str) -> String {
        self.host.url(path)
    }

    /// Access to `hosts`, in a network where every name is this host, and internal addresses are
    /// fine.
    pub fn access(&self, hosts: &[&str]) -> ExternalAccess {
        self.public_access(hosts).with_internal_addresses()
    }

    /// Access to `hosts` as a deployment has it: this host answers, but its address is an internal
    /// one.
    pub fn public_access(&self, hosts: &[&str]) -> ExternalAccess {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        self.host.reached_by(ExternalAccess::to_hosts(hosts))
    }
}

/// What is served at a path, and how.
#[derive(Clone)]
struct Served {
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    paces: Arc<Mutex<HashMap<String, Pace>>>,
}

async fn serve(mut stream: TlsStream<TcpStream>, served: Served, fetched: Arc<Mutex<Vec<String>>>) {
    let mut head = vec![0; 4096];
    let length = stream.read(&mut head).await.unwrap_or_default();
    let head = String::from_utf8_lossy(&head[..length]).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    fetched.lock().expect("nobody panics").push(path.to_owned());
    let file = served.files.lock().expect("nobody panics").get(path).cloned();
    let pace = served.paces.lock().expect("nobody panics").get(path).copied();
    // A client that goes away is what some tests are about.
    drop(answer(&mut stream, file, pace.unwrap_or_default()).await);
    drop(stream.shutdown().await);
}

async fn answer(
    stream: &mut (impl AsyncWrite + Unpin),
    file: Option<Vec<u8>>,
    pace: Pace,
) -> std::io::Result<()> {
    let (status, body) = file.map_or(("404 Not Found", Vec::new()), |file| ("200 OK", file));
    let length = match pace {
        Pace::Endless => String::new(),
        _ => format!("content-length: {}\r\n", body.len()),
    };
    let head = format!("HTTP/1.1 {status}\r\n{length}connection: close\r\n\r\n");
    let all = [head.as_bytes(), &body].concat();
    match pace {
        Pace::AtOnce => stream.write_all(&all).await,
        Pace::Silent => std::future::pending().await,
        Pace::ByteByByte => {
            for byte in all {
                stream.write_all(&[byte]).await?;
                stream.flush().await?;
                sleep(PAUSE).await;
            }
            Ok(())
        }
        Pace::Endless => {
            stream.write_all(&all).await?;
            loop {
                stream.write_all(&[b' '; 1024]).await?;
                stream.flush().await?;
                sleep(PAUSE).await;
            }
        }
    }
}
