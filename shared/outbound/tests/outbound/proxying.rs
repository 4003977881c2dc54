//! Behind a company's proxy, and with its certificate authority.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use slipway_outbound::{
    Client, ClientBuilder, Error, FetchPolicy, InternalAddresses, Limits, Proxy, Refusal, Resolve,
    Resolving, TrustRoots,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use crate::authority::Authority;

/// A name that no resolver but the proxy's knows.
const HOST: &str = "releases.vendor.example";

/// A proxy that knows one name and one credential.
struct ConnectProxy {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl ConnectProxy {
    /// Leads to `port` of this machine, whatever host is asked for, with `answer` as the head.
    async fn start(port: u16, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&heads);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                seen.lock().unwrap().push(String::from_utf8(head).unwrap());
                stream.write_all(answer.as_bytes()).await.unwrap();
                if answer.contains("200") {
                    let mut target = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    tokio::spawn(async move { copy_bidirectional(&mut stream, &mut target).await });
                }
            }
        });
        Self { port: own, heads }
    }

    fn url(&self) -> String {
        format!("http://me:s3cret@127.0.0.1:{}", self.port)
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Knows no name: whoever asks it has not left that to the proxy.
struct KnowsNothing;

impl Resolve for KnowsNothing {
    fn resolve(&self, name: &str) -> Resolving {
        let refused = std::io::Error::other(format!("{name} was asked for"));
        Box::pin(async { Err(refused) })
    }
}

fn builder(origin: &Url) -> ClientBuilder {
    let policy = FetchPolicy::from_origin(origin.clone())
        .with_internal_addresses(InternalAddresses::BehindNames);
    let limits = Limits { connect: Duration::from_secs(2), ..Limits::default() };
    Client::builder(policy, limits).resolver(KnowsNothing)
}

fn proxy(url: &str, no_proxy: &str) -> Proxy {
    Proxy::new(url, no_proxy).unwrap()
}

#[tokio::test]
async fn https_goes_through_the_proxy_which_resolves_the_name() {
    let (authority, place) = (Authority::new(), tempfile::tempdir().unwrap());
    let ca = authority.write(place.path(), "ca.pem");
    let connect = ConnectProxy::start(authority.serve(HOST).await, "HTTP/1.1 200 OK\r\n\r\n").await;
    let url = Url::parse(&format!("https://{HOST}/x")).unwrap();
    let client =
        builder(&url).ca_file(Some(&ca)).proxy(Some(proxy(&connect.url(), "other.example")));
    let client = client.build().unwrap();
    let body = client.get(&url, None).await.unwrap().bytes().await.unwrap();
    assert_eq!(body, "there");
    let head = connect.heads().concat();
    assert!(head.starts_with(&format!("CONNECT {HOST}:443 HTTP/1.1\r\n")), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic bWU6czNjcmV0\r\n"), "{head}");
    // What the URL says is judged as ever: the proxy is not asked.
    let internal = Url::parse("https://169.254.169.254/latest/meta-data/").unwrap();
    let refused = client.get(&internal, None).await.unwrap_err();
    assert!(matches!(refused, Error::Refused { why: Refusal::InternalHost, .. }), "{refused}");
    assert_eq!(connect.heads().len(), 1);
    // A host that NO_PROXY names is resolved and dialled here.
    let direct = builder(&url).ca_file(Some(&ca)).proxy(Some(proxy(&connect.url(), HOST)));
    let refused = direct.build().unwrap().get(&url, None).await.unwrap_err().to_string();
    assert!(refused.contains(&format!("{HOST} was asked for")), "{refused}");
    assert_eq!(connect.heads().len(), 1);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_without_its_credentials() {
    let url = Url::parse(&format!("https://{HOST}/x")).unwrap();
    for (answer, part) in [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "authorization required"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "unsuccessful"),
        ("SSH-2.0-OpenSSH\r\n\r\n", "unsuccessful"),
    ] {
        let connect = ConnectProxy::start(0, answer).await;
        let client = builder(&url).proxy(Some(proxy(&connect.url(), ""))).build().unwrap();
        let refused = client.get(&url, None).await.unwrap_err();
        assert!(matches!(refused, Error::Unreachable { .. }), "{refused:?}");
        let text = refused.to_string();
        let named = format!("{HOST} can't be reached: ");
        assert!(text.starts_with(&named) && text.contains(part), "{text}");
        assert!(text.contains(&format!("the proxy http://127.0.0.1:{}", connect.port)), "{text}");
        assert!(!format!("{text}{refused:?}").contains("s3cret"), "{refused:?}");
    }
}

#[tokio::test]
async fn a_proxy_that_falls_silent_is_given_up_within_the_time_for_connections() {
    let url = Url::parse(&format!("https://{HOST}/x")).unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let client = builder(&url).proxy(Some(proxy(&address, ""))).build().unwrap();
    let given_up = client.get(&url, None).await.unwrap_err().to_string();
    assert!(given_up.contains("no connection within 2s"), "{given_up}");
}

#[tokio::test]
async fn a_policy_that_refuses_internal_addresses_takes_no_proxy() {
    let built = Client::builder(FetchPolicy::public(), Limits::default())
        .proxy(Some(proxy("http://me:s3cret@proxy.example:3128", "")))
        .build();
    let refused = built.err().unwrap();
    assert!(matches!(refused, Error::Proxy { .. }), "{refused}");
    assert!(refused.to_string().starts_with("http://proxy.example:3128 can't be used: "));
}

#[tokio::test]
async fn named_trust_roots_replace_the_system_s_and_a_ca_file_adds_to_them() {
    let place = tempfile::tempdir().unwrap();
    let (company, vendor) = (Authority::new(), Authority::new());
    let (company_pem, vendor_pem) =
        (company.write(place.path(), "company.pem"), vendor.write(place.path(), "vendor.pem"));
    let ports = [company.serve("localhost").await, vendor.serve("localhost").await];
    let urls = ports.map(|port| Url::parse(&format!("https://localhost:{port}/")).unwrap());
    let trusted = async |roots: TrustRoots, ca_file: Option<&std::path::Path>| {
        let mut outcomes = Vec::new();
        for url in &urls {
            let policy = FetchPolicy::from_origin(url.clone())
                .with_internal_addresses(InternalAddresses::BehindNames);
            let client = Client::builder(policy, Limits::default())
                .trust_roots(roots.clone())
                .ca_file(ca_file)
                .build()
                .unwrap();
            outcomes.push(client.get(url, None).await.is_ok());
        }
        outcomes
    };
    let file = |path: &std::path::Path| TrustRoots::Paths {
        file: Some(path.to_owned()),
        directories: Vec::new(),
    };
    assert_eq!(trusted(TrustRoots::System, None).await, [false, false]);
    assert_eq!(trusted(file(&company_pem), None).await, [true, false]);
    assert_eq!(trusted(file(&company_pem), Some(&vendor_pem)).await, [true, true]);
    // What is no certificate is passed over in a directory.
    let empty = place.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    std::fs::write(place.path().join("README"), "no certificate").unwrap();
    let directory =
        TrustRoots::Paths { file: None, directories: vec![empty, place.path().to_owned()] };
    assert_eq!(trusted(directory, None).await, [true, true]);
}

#[tokio::test]
async fn trust_roots_without_a_certificate_are_refused_by_their_path() {
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("empty.pem"), "no certificate").unwrap();
    for name in ["empty.pem", "none.pem"] {
        let path = place.path().join(name);
        let named = TrustRoots::Paths { file: Some(path.clone()), directories: Vec::new() };
        let client = || Client::builder(FetchPolicy::public(), Limits::default());
        for built in [client().trust_roots(named).build(), client().ca_file(Some(&path)).build()] {
            let refused = built.err().unwrap();
            assert!(matches!(refused, Error::CaFile { .. }), "{refused}");
            assert!(refused.to_string().starts_with(path.to_str().unwrap()), "{refused}");
        }
    }
}
