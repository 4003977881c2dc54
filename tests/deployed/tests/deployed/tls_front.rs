//! TLS before the API: the emulator has none, and a mirror speaks nothing else.

use std::io::Result;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Begins the path of what is presigned.
const STORED: &str = "/__stored";

/// Listens on `port` and passes requests on, each on a connection of its own; gives the certificate
/// as PEM. Everything below `base_url` answers at the root, and S3's redirects lead here as well.
pub async fn start(port: u16, base_url: &str) -> String {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config =
        ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    let front = Arc::new(Front::before(base_url, port));
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let (acceptor, front) = (acceptor.clone(), Arc::clone(&front));
            // A client that goes away is no failure of the front's.
            tokio::spawn(async move { front.pass(acceptor.accept(connection).await?).await });
        }
    });
    cert.pem()
}

/// Where requests go.
struct Front {
    /// Host and port of the emulator.
    emulator: String,
    /// The path of the API there.
    prefix: String,
    /// The front's own URL.
    url: String,
}

impl Front {
    fn before(base_url: &str, port: u16) -> Self {
        let rest = base_url.strip_prefix("http://").unwrap();
        let (emulator, prefix) = rest.split_once('/').unwrap();
        Self {
            emulator: emulator.to_owned(),
            prefix: format!("/{prefix}"),
            url: format!("https://localhost:{port}"),
        }
    }

    /// Passes one request on, and its answer back.
    async fn pass(&self, mut client: impl AsyncReadExt + AsyncWriteExt + Unpin) -> Result<()> {
        let (head, body) = read_message(&mut client).await?;
        let mut server = TcpStream::connect(&self.emulator).await?;
        server.write_all(self.request(&head).as_bytes()).await?;
        server.write_all(&body).await?;
        let (head, body) = read_message(&mut server).await?;
        client.write_all(self.answer(&head).as_bytes()).await?;
        client.write_all(&body).await?;
        tokio::io::copy(&mut server, &mut client).await?;
        client.shutdown().await
    }

    /// The head of a request, to the emulator. A presigned URL is signed for its host.
    fn request(&self, head: &str) -> String {
        let (first, rest) = head.split_once("\r\n").unwrap_or((head, ""));
        let (method, target) = first.split_once(' ').unwrap_or((first, ""));
        let target = match target.strip_prefix(STORED) {
            Some(stored) => stored.to_owned(),
            None => format!("{}{target}", self.prefix),
        };
        let host = format!("host: {}\r\nconnection: close\r\n", self.emulator);
        format!("{method} {target}\r\n{host}{}\r\n", without(rest, &["host", "connection"]))
    }

    /// The head of an answer, to the client.
    fn answer(&self, head: &str) -> String {
        let (first, rest) = head.split_once("\r\n").unwrap_or((head, ""));
        let stored = format!("{}{STORED}/", self.url);
        let rest = without(rest, &["connection"]);
        let rest = rest.replace(&format!("http://{}/", self.emulator), &stored);
        format!("{first}\r\nconnection: close\r\n{rest}\r\n")
    }
}

/// The head of a message, with its last line's end, and what has come of its body.
async fn read_message(stream: &mut (impl AsyncReadExt + Unpin)) -> Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let mut body = bytes.split_off(end + 4);
            let head = String::from_utf8_lossy(&bytes).trim_end().to_owned() + "\r\n";
            let missing = content_length(&head).saturating_sub(body.len());
            let have = body.len();
            body.resize(have + missing, 0);
            stream.read_exact(body.get_mut(have..).unwrap_or_default()).await?;
            return Ok((head, body));
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn content_length(head: &str) -> usize {
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let field = fields.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    field.and_then(|(_, value)| value.trim().parse().ok()).unwrap_or(0)
}

/// The fields of a head but for those with these names.
fn without(fields: &str, names: &[&str]) -> String {
    let is_left_out = |line: &str| {
        line.split_once(':')
            .is_some_and(|(name, _)| names.iter().any(|it| name.eq_ignore_ascii_case(it)))
    };
    fields.lines().filter(|line| !is_left_out(line)).flat_map(|line| [line, "\r\n"]).collect()
}
