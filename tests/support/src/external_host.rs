//! A host elsewhere that serves files over HTTPS, and a network in which it has a name.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use slipway_edge::ExternalAccess;
use slipway_outbound::{Resolve, Resolving};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

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
    port: u16,
    paces: Arc<Mutex<HashMap<String, Pace>>>,
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    fetched: Arc<Mutex<Vec<String>>>,
    certificate: TempDir,
}

impl ExternalHost {
    /// Starts it. It serves nothing yet.
    pub async fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(vec![NAME.to_owned()]).expect("a name");
        let certificate = tempfile::tempdir().expect("a directory");
        std::fs::write(certificate.path().join("ca.pem"), made.cert.pem()).expect("a file");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key)
            })
            .expect("a certificate");
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (files, fetched, paces) = (Arc::default(), Arc::default(), Arc::default());
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let served = Served { files: Arc::clone(&files), paces: Arc::clone(&paces) };
        tokio::spawn(serve(listener, acceptor, served, Arc::clone(&fetched)));
        Self { port, paces, files, fetched, certificate }
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
        format!("https://{NAME}:{}{path}", self.port)
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
        ExternalAccess::to_hosts(hosts)
            .in_network(Arc::new(Here), self.certificate.path().join("ca.pem"))
    }
}

/// Resolves every name to this machine.
struct Here;

impl Resolve for Here {
    fn resolve(&self, _: &str) -> Resolving {
        Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) })
    }
}

/// What is served at a path, and how.
#[derive(Clone)]
struct Served {
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    paces: Arc<Mutex<HashMap<String, Pace>>>,
}

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    served: Served,
    fetched: Arc<Mutex<Vec<String>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, served) = (acceptor.clone(), served.clone());
        let fetched = Arc::clone(&fetched);
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
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
        });
    }
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
