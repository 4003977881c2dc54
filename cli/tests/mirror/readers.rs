//! Clients that ask and do not read: they cost little memory, and are cut off.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;

use crate::mirror::Mirror;
use crate::server::Server;
use crate::vendor::Vendor;

const MIB: usize = 1 << 20;
const READERS: usize = 60;
/// What all of them may cost: less than half a MiB each, where a document has 15.
const BOUND: usize = 64 * MIB;

trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// A mirror with a bundle and an artifact of 15 MiB, and the paths of both.
async fn large(vendor: &Vendor) -> (Mirror, [String; 2]) {
    let file = vendor.publish("prod_large", "1.0.0", 1, 15 * MIB).await;
    vendor.snapshot().await;
    let mirror = Mirror::of(vendor);
    let synced = mirror.synced().await;
    // As large as a vendor's with many releases; blanks at its end are no other JSON.
    let path = mirror.document(&synced, "bundle.json");
    let mut bundle = std::fs::read(&path).unwrap();
    bundle.resize(15 * MIB, b' ');
    std::fs::write(&path, bundle).unwrap();
    let id = synced["snapshot_id"].as_str().unwrap();
    let paths = [format!("/v1/snapshots/{id}/bundle"), format!("/artifacts/{}", file.sha256)];
    (mirror, paths)
}

/// A connection that takes little on its own: what the other side sends has to wait there.
async fn connect(address: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 << 10).unwrap();
    socket.connect(address.parse().unwrap()).await.unwrap()
}

fn connector(certificate: &Path) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

/// Asks for `path` at the server of `mirror`, and reads nothing.
async fn ask(server: &Server, mirror: &Mirror, path: &str) -> Box<dyn Connection> {
    let (scheme, address) = server.url.split_once("://").unwrap();
    let stream = connect(address).await;
    let mut stream: Box<dyn Connection> = if scheme == "https" {
        let name = ServerName::try_from("localhost").unwrap();
        Box::new(connector(&mirror.certificate()).connect(name, stream).await.unwrap())
    } else {
        Box::new(stream)
    };
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    stream
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn sixty_readers_that_do_not_read_cost_less_than_half_a_mebibyte_each() {
    let vendor = Vendor::open().await;
    let (mirror, paths) = large(&vendor).await;
    for transport in [&["--http"][..], &[]] {
        let server = Server::start(&mirror, transport).await;
        let before = server.peak_memory();
        for path in &paths {
            let mut readers = Vec::new();
            for _ in 0..READERS {
                readers.push(ask(&server, &mirror, path).await);
            }
            // Until everything that fits anywhere is on its way.
            sleep(Duration::from_secs(2)).await;
            let peak = server.peak_memory();
            println!("{transport:?} {path}: {} KiB, {} KiB before", peak >> 10, before >> 10);
            assert!(peak < before + BOUND, "{path}: {peak} bytes, {before} before");
            // Others are served meanwhile.
            let mut other = ask(&server, &mirror, "/health").await;
            let mut head = [0; 15];
            other.read_exact(&mut head).await.unwrap();
            assert_eq!(&head, b"HTTP/1.1 200 OK");
        }
    }
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_takes_nothing_is_cut_off_and_one_that_takes_something_is_not() {
    let vendor = Vendor::open().await;
    let (mirror, [bundle, artifact]) = large(&vendor).await;
    for transport in [&["--http", "--client-timeout", "4s"][..], &["--client-timeout", "4s"]] {
        let server = Server::start(&mirror, transport).await;
        for path in [&bundle, &artifact] {
            let (mut idle, mut slow) =
                (ask(&server, &mirror, path).await, ask(&server, &mirror, path).await);
            // 4 MiB in eight seconds, of which no four pass without a byte.
            let mut taken = vec![0; 256 << 10];
            for _ in 0..16 {
                slow.read_exact(&mut taken).await.unwrap();
                sleep(Duration::from_millis(500)).await;
            }
            let mut rest = Vec::new();
            let outcome = timeout(Duration::from_secs(20), idle.read_to_end(&mut rest)).await;
            drop(outcome.expect("it is cut off"));
            assert!(rest.len() < 15 * MIB, "{} bytes", rest.len());
            let mut rest = Vec::new();
            timeout(Duration::from_mins(1), slow.read_to_end(&mut rest)).await.ok();
            assert!(rest.len() > 10 * MIB, "{} bytes", rest.len());
        }
    }
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_beyond_the_limit_wait_until_one_ends() {
    let (vendor, _) = Vendor::with_files(0..1, 1000).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http", "--max-connections", "2"]).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    let idle = [connect(&address).await, connect(&address).await];
    let mut waiting = ask(&server, &mirror, "/health").await;
    let mut head = [0; 15];
    let answer = timeout(Duration::from_millis(500), waiting.read_exact(&mut head)).await;
    assert!(answer.is_err(), "both connections are in use");
    drop(idle);
    timeout(Duration::from_secs(5), waiting.read_exact(&mut head)).await.unwrap().unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    // Silent ones do not keep it from others: they are sent away.
    let idle = [connect(&address).await, connect(&address).await];
    let mut waiting = ask(&server, &mirror, "/health").await;
    timeout(Duration::from_secs(30), waiting.read_exact(&mut head)).await.unwrap().unwrap();
    drop(idle);
    vendor.leaves().await;
}
