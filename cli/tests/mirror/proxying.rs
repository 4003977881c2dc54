//! A mirror in a company: a proxy that everything goes through, and an authority of its own.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::certificates::Certificate;
use crate::mirror::{Mirror, run};
use crate::vendor::Vendor;

/// A proxy that connects to what it is asked for, if the credentials are right.
struct ConnectProxy {
    port: u16,
    targets: Arc<Mutex<Vec<String>>>,
}

impl ConnectProxy {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let targets = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&targets);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(converse(stream, Arc::clone(&seen)));
            }
        });
        Self { port, targets }
    }

    fn url(&self, password: &str) -> String {
        format!("http://me:{password}@127.0.0.1:{}", self.port)
    }

    fn targets(&self) -> Vec<String> {
        std::mem::take(&mut self.targets.lock().unwrap())
    }
}

async fn converse(mut stream: TcpStream, seen: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap().to_owned();
    seen.lock().unwrap().push(target.clone());
    // me:s3cret
    if !head.contains("Proxy-Authorization: Basic bWU6czNjcmV0\r\n") {
        let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
        return stream.write_all(refusal).await.unwrap();
    }
    let mut vendor = TcpStream::connect(target).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
    // A connection that is cut off ends it.
    drop(copy_bidirectional(&mut stream, &mut vendor).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn https_goes_through_the_proxy_that_the_environment_names_unless_no_proxy_says_otherwise() {
    let certificate = Certificate::new();
    let vendor = Vendor::with_tls(&certificate).await;
    vendor.publish("prod_p0", "1.0.0", 1, 1000).await;
    vendor.snapshot().await;
    let (mirror, proxy) = (Mirror::of(&vendor), ConnectProxy::start().await);
    let (ca, _) = certificate.write(mirror.place.path());
    let target = vendor.proxy.url.trim_start_matches("https://").to_owned();
    let (right, wrong) = (proxy.url("s3cret"), proxy.url("gu3ss"));
    let nowhere = "http://127.0.0.1:9";
    for (variables, proxied) in [
        (&[("HTTPS_PROXY", &*right)][..], true),
        (&[("https_proxy", &*right)], true),
        (&[("https_proxy", &*right), ("HTTPS_PROXY", nowhere)], true),
        (&[("HTTPS_PROXY", &*right), ("NO_PROXY", "other.example, localhost")], false),
        (&[("HTTPS_PROXY", nowhere), ("no_proxy", "*"), ("NO_PROXY", "")], false),
        (&[("HTTPS_PROXY", "")], false),
    ] {
        let mut command = mirror.command("sync", &[]);
        // The authority of a company, by the variable that other programs read too.
        command.env("SSL_CERT_FILE", &ca).envs(variables.iter().copied());
        run(&mut command).await.good();
        let targets = proxy.targets();
        assert_eq!(!targets.is_empty(), proxied, "{variables:?}");
        assert!(targets.iter().all(|other| *other == target), "{targets:?}");
    }
    let mut command = mirror.command("sync", &[]);
    let ran = run(command.env("SSL_CERT_FILE", &ca).env("HTTPS_PROXY", &wrong)).await;
    ran.refused(30, "unreachable", "proxy authorization required");
    assert!(!ran.said.contains("gu3ss") && !ran.aside.contains("gu3ss"), "{ran:?}");
    let ran = run(mirror.command("sync", &[]).env("HTTPS_PROXY", &right)).await;
    ran.refused(30, "unreachable", "certificate");
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_environment_says_wrong_is_named_and_its_credentials_are_not() {
    let (vendor, _) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    for (name, value, part) in [
        ("HTTPS_PROXY", "socks5://me:s3cret@proxy.example", "HTTPS_PROXY: the proxy"),
        ("https_proxy", "http://me:s3cret@proxy.example:port", "HTTPS_PROXY: the proxy"),
        ("SSL_CERT_FILE", "none.pem", "none.pem"),
        ("SSL_CERT_DIR", "none", "none"),
    ] {
        let ran = run(mirror.command("sync", &[]).env(name, value)).await;
        ran.refused(2, "usage", part);
        assert!(!ran.said.contains("s3cret"), "{ran:?}");
        assert!(!mirror.directory().exists(), "{name}");
        // A server that could never sync says so now, and one that need not does not care.
        let flags = ["--http", "--listen", "127.0.0.1:0", "--sync-every", "15m"];
        let ran = run(mirror.command("serve", &flags).env(name, value)).await;
        ran.refused(2, "usage", part);
        let ran = run(mirror.command("status", &[]).env(name, value)).await;
        ran.refused(35, "not_serving", "no sync has ended well");
    }
    vendor.leaves().await;
}
