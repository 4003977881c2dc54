//! A host elsewhere that serves files over HTTPS, and a network in which it has a name.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use slipway_edge::ExternalAccess;
use slipway_outbound::{Resolve, Resolving};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// Its name.
pub const NAME: &str = "downloads.example.com";

/// The host. What it serves can be changed.
pub struct ExternalHost {
    port: u16,
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
        let (files, fetched) = (Arc::default(), Arc::default());
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(serve(listener, acceptor, Arc::clone(&files), Arc::clone(&fetched)));
        Self { port, files, fetched, certificate }
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

async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    fetched: Arc<Mutex<Vec<String>>>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, files) = (acceptor.clone(), Arc::clone(&files));
        let fetched = Arc::clone(&fetched);
        tokio::spawn(async move {
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            let mut head = vec![0; 4096];
            let length = stream.read(&mut head).await.unwrap_or_default();
            let head = String::from_utf8_lossy(&head[..length]).into_owned();
            let path = head.split(' ').nth(1).unwrap_or_default();
            fetched.lock().expect("nobody panics").push(path.to_owned());
            let file = files.lock().expect("nobody panics").get(path).cloned();
            let (status, body) =
                file.map_or(("404 Not Found", Vec::new()), |file| ("200 OK", file));
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            // A client that goes away is what some tests are about.
            drop(stream.write_all(&[head.as_bytes(), &body].concat()).await);
            drop(stream.shutdown().await);
        });
    }
}
