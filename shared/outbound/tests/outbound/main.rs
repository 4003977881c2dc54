//! The client against a real server on this machine that does what servers should not.
#![expect(clippy::unwrap_used, reason = "a test that can't go on has to say so at once")]

mod authority;
mod proxying;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use slipway_outbound::{
    AddressKind, BearerToken, Client, Error, FetchPolicy, InsecureHttp, InternalAddresses, Limits,
    MinThroughput, Refusal, Resolve, Resolving,
};
use url::Url;

use slipway_test_scripted_server::{Reply, Server};

fn limits() -> Limits {
    Limits { silence: Duration::from_millis(400), document_bytes: 1000, ..Limits::default() }
}

fn policy(origin: &Url) -> FetchPolicy {
    FetchPolicy::from_origin(origin.clone())
        .with_insecure_http(InsecureHttp::Allowed)
        .with_internal_addresses(InternalAddresses::BehindNames)
}

fn client(server: &Server, limits: Limits) -> Client {
    Client::builder(policy(&server.url("/")), limits).build().unwrap()
}

async fn error(client: &Client, url: &Url) -> Error {
    match client.get(url, None).await {
        Err(error) => error,
        Ok(response) => response.bytes().await.unwrap_err(),
    }
}

/// Answers with this machine, or with something else from the second question on.
struct Changing {
    asked: Arc<AtomicUsize>,
    later: IpAddr,
}

impl Resolve for Changing {
    fn resolve(&self, _: &str) -> Resolving {
        let first = self.asked.fetch_add(1, Ordering::SeqCst) == 0;
        let address = if first { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { self.later };
        Box::pin(async move { Ok(vec![address]) })
    }
}

#[tokio::test]
async fn each_redirect_is_judged_by_the_same_rules() {
    let server = Server::start(|path| match path {
        "/http" => Reply::redirect("http://example.com/x?secret"),
        "/ftp" => Reply::redirect("ftp://localhost/x"),
        "/round" => Reply::redirect("/round"),
        "/nowhere" => Reply::raw("HTTP/1.1 302 Found\r\ncontent-length: 0\r\n\r\n"),
        _ => Reply::document(b"there"),
    })
    .await;
    let origin = server.url("/");
    let listed = policy(&origin).with_hosts(vec!["*.example.net".to_owned()]);
    let client = Client::builder(listed, limits()).build().unwrap();
    let refused = error(&client, &server.url("/http")).await;
    assert!(matches!(refused, Error::Refused { why: Refusal::HostNotAllowed, .. }), "{refused}");
    assert!(!refused.to_string().contains("secret"), "a query may be a credential: {refused}");
    let refused = error(&client, &server.url("/ftp")).await;
    assert!(matches!(refused, Error::Refused { why: Refusal::Scheme, .. }), "{refused}");
    let before = server.heads().len();
    let refused = error(&client, &server.url("/round")).await;
    assert!(matches!(refused, Error::TooManyRedirects { most: 5, .. }), "{refused}");
    assert_eq!(server.heads().len() - before, 6, "the first request and five redirects");
    let refused = error(&client, &server.url("/nowhere")).await;
    assert!(matches!(refused, Error::RedirectToNowhere { .. }), "{refused}");
}

#[tokio::test]
async fn http_is_refused_unless_it_is_allowed() {
    let server = Server::start(|_| Reply::document(b"there")).await;
    let strict = policy(&server.url("/")).with_insecure_http(InsecureHttp::Refused);
    let client = Client::builder(strict, limits()).build().unwrap();
    let refused = error(&client, &server.url("/")).await;
    assert!(matches!(refused, Error::Refused { why: Refusal::InsecureHttp, .. }), "{refused}");
    assert!(server.heads().is_empty());
}

#[tokio::test]
async fn the_token_goes_to_the_origin_alone() {
    let other = Server::start(|_| Reply::document(b"there")).await;
    let elsewhere = other.url("/x").to_string();
    let origin = Server::start(move |_| Reply::redirect(&elsewhere)).await;
    let token = BearerToken::new("swt_secret").unwrap();
    assert_eq!(format!("{token:?}"), "BearerToken(..)");
    let client = Client::builder(policy(&origin.url("/")), limits());
    let client = client.token(Some(token)).build().unwrap();
    let body = client.get(&origin.url("/"), Some(7)).await.unwrap().bytes().await.unwrap();
    assert_eq!(body, "there");
    let (at_origin, at_other) = (origin.heads().concat(), other.heads().concat());
    assert!(at_origin.contains("authorization: Bearer swt_secret"), "{at_origin}");
    assert!(!at_other.contains("authorization") && at_other.contains("range: bytes=7-"));
}

#[tokio::test]
async fn a_server_that_is_silent_or_slow_is_given_up() {
    let server = Server::start(|path| match path {
        "/silence" => Reply::Silence,
        "/stops" => Reply::Drip { pieces: 1 },
        _ => Reply::Drip { pieces: 1000 },
    })
    .await;
    let patient = client(&server, limits());
    let given_up = error(&patient, &server.url("/silence")).await;
    assert!(matches!(given_up, Error::NoAnswer { .. }), "{given_up}");
    let given_up = error(&patient, &server.url("/stops")).await;
    assert!(matches!(given_up, Error::Silent { .. }), "{given_up}");
    let total = Some(Duration::from_millis(700));
    let given_up =
        error(&client(&server, Limits { total, ..limits() }), &server.url("/drip")).await;
    assert!(matches!(given_up, Error::Deadline { .. }), "{given_up}");
    let throughput = Some(MinThroughput { bytes: 1000, per: Duration::from_millis(500) });
    let given_up =
        error(&client(&server, Limits { throughput, ..limits() }), &server.url("/drip")).await;
    assert!(matches!(given_up, Error::TooSlow { least: 1000, .. }), "{given_up}");
}

#[tokio::test]
async fn a_body_that_is_too_large_or_shorter_than_announced_is_refused() {
    let server = Server::start(|path| match path {
        "/large" => Reply::document(&[b'x'; 1001]),
        "/short" => Reply::raw("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort"),
        _ => Reply::document(&[b'x'; 1000]),
    })
    .await;
    let client = client(&server, limits());
    let refused = error(&client, &server.url("/large")).await;
    assert!(matches!(refused, Error::TooLarge { most: 1000, .. }), "{refused}");
    let refused = error(&client, &server.url("/short")).await;
    assert!(matches!(refused, Error::Broken { .. }), "{refused}");
    let whole = client.get(&server.url("/"), None).await.unwrap().bytes().await.unwrap();
    assert_eq!(whole.len(), 1000);
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_dialled() {
    let server = Server::start(|_| Reply::document(b"there")).await;
    let asked = Arc::new(AtomicUsize::default());
    let resolver = Changing { asked: Arc::clone(&asked), later: "127.0.0.2".parse().unwrap() };
    let mut url = server.url("/");
    url.set_host(Some("rebinding.example")).unwrap();
    let client = Client::builder(policy(&url), limits()).resolver(resolver).build().unwrap();
    let body = client.get(&url, None).await.unwrap().bytes().await.unwrap();
    assert_eq!(body, "there", "the first answer is dialled, whatever the second one would be");
    assert_eq!(asked.load(Ordering::SeqCst), 1, "nobody asks between the check and the dialling");
}

#[tokio::test]
async fn a_name_that_resolves_to_an_internal_address_is_refused_before_a_byte_is_sent() {
    let server = Server::start(|_| Reply::document(b"there")).await;
    let mut url = server.url("/");
    url.set_host(Some("rebinding.example")).unwrap();
    let strict = policy(&url)
        .with_hosts(vec!["rebinding.example".to_owned()])
        .with_internal_addresses(InternalAddresses::Refused);
    for later in ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "64:ff9b::7f00:1"] {
        let resolver = Changing { asked: Arc::default(), later: later.parse().unwrap() };
        let client = Client::builder(strict.clone(), limits()).resolver(resolver).build().unwrap();
        let first = error(&client, &url).await;
        let Error::InternalAddress(refused) = &first else { panic!("{first}") };
        assert_eq!(refused.kind, AddressKind::Loopback);
        let second = error(&client, &url).await;
        let Error::InternalAddress(refused) = &second else { panic!("{second}") };
        assert_eq!(refused.address, later.parse::<IpAddr>().unwrap());
    }
    assert!(server.heads().is_empty());
}
