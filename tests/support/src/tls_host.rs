//! A host elsewhere that takes connections over TLS, and a network in which it has a name.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use slipway_edge::ExternalAccess;
use slipway_outbound::{Resolve, Resolving};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The host.
pub(crate) struct TlsHost {
    name: &'static str,
    port: u16,
    certificate: TempDir,
}

impl TlsHost {
    /// Starts one called `name`, which has `serve` look after each connection.
    pub(crate) async fn start<F>(
        name: &'static str,
        serve: impl Fn(TlsStream<TcpStream>) -> F + Clone + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send,
    {
        let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("a name");
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
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, serve) = (acceptor.clone(), serve.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream).await;
                    }
                });
            }
        });
        Self { name, port, certificate }
    }

    /// The URL of `path`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}:{}{path}", self.name, self.port)
    }

    /// The same access in a network where every name is this host.
    pub(crate) fn reached_by(&self, access: ExternalAccess) -> ExternalAccess {
        access.in_network(Arc::new(Here), self.certificate.path().join("ca.pem"))
    }
}

/// Resolves every name to this machine.
struct Here;

impl Resolve for Here {
    fn resolve(&self, _: &str) -> Resolving {
        Box::pin(async { Ok(vec![IpAddr::V4(Ipv4Addr::LOCALHOST)]) })
    }
}
