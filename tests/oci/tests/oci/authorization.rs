//! Docker's token authentication, and where credentials go.

use slipway_composition::ImageRepository;
use slipway_oci::{Credentials, Error, Password};
use slipway_test_scripted_server::{Reply, Server};
use url::Url;

use crate::registry;

/// `user:secret` in Base64.
const BASIC: &str = "Basic dXNlcjpzZWNyZXQ=";

fn repository() -> ImageRepository {
    "myorg/api".parse().unwrap()
}

fn basic() -> Credentials {
    Credentials::Basic { username: "user".to_owned(), password: Password::new("secret".to_owned()) }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn json(body: &str) -> Reply {
    Reply::raw(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

fn unauthorized(challenge: &str) -> Reply {
    let head = "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nwww-authenticate: ";
    Reply::raw(&format!("{head}{challenge}\r\n\r\n"))
}

/// A registry that wants a token of the token server at `realm`.
async fn token_registry(realm: String) -> Server {
    Server::answering(move |head| match header(head, "authorization") {
        Some("Bearer t0ken") => json(r#"{"name":"myorg/api","tags":["v1"]}"#),
        _ => unauthorized(&format!("Bearer realm=\"{realm}\",service=\"registry\"")),
    })
    .await
}

async fn token_server() -> Server {
    Server::answering(|_| json(r#"{"token":"t0ken","expires_in":300}"#)).await
}

#[tokio::test]
async fn a_token_is_fetched_once_and_goes_to_the_registry() {
    let tokens = token_server().await;
    let server = token_registry(tokens.url("/token").to_string()).await;
    let registry = registry(&server.url("/"), Credentials::Anonymous);
    for _ in 0..3 {
        assert_eq!(registry.tags(&repository(), None).await.unwrap().tags.len(), 1);
    }
    let asked = tokens.heads();
    assert_eq!(asked.len(), 1);
    let line = "GET /token?service=registry&scope=repository%3Amyorg%2Fapi%3Apull HTTP/1.1";
    assert_eq!(asked[0].lines().next(), Some(line));
    assert_eq!(header(&asked[0], "authorization"), None);
    assert_eq!(server.heads().len(), 4);
}

/// A registry that is its own token server.
async fn registry_with_tokens() -> Server {
    Server::answering(|head| {
        let realm = format!("http://{}/token", header(head, "host").unwrap());
        match header(head, "authorization") {
            _ if head.starts_with("GET /token") => json(r#"{"token":"t0ken"}"#),
            Some("Bearer t0ken") => json(r#"{"tags":["v1"]}"#),
            _ => unauthorized(&format!("Bearer realm=\"{realm}\"")),
        }
    })
    .await
}

#[tokio::test]
async fn credentials_go_to_a_token_server_that_is_the_registry() {
    let server = registry_with_tokens().await;
    registry(&server.url("/"), basic()).tags(&repository(), None).await.unwrap();
    let heads = server.heads();
    let with_basic = heads.iter().filter(|head| header(head, "authorization") == Some(BASIC));
    let with_basic: Vec<_> = with_basic.collect();
    assert!(with_basic.len() == 1 && with_basic[0].starts_with("GET /token"), "{heads:?}");
}

#[tokio::test]
async fn credentials_go_to_no_other_port_and_no_other_host_unless_that_server_is_named() {
    let tokens = token_server().await;
    let mut elsewhere = tokens.url("/token");
    elsewhere.set_host(Some("localhost")).unwrap();
    for realm in [tokens.url("/token"), elsewhere] {
        let server = token_registry(realm.to_string()).await;
        let asked = || registry(&server.url("/"), basic());
        let mut other_port = realm.clone();
        other_port.set_port(Some(1)).unwrap();
        for unnamed in [asked(), asked().with_token_server(Some(other_port))] {
            let refused = unnamed.tags(&repository(), None).await.unwrap_err();
            assert!(matches!(refused, Error::Unauthorized { .. }), "{refused}");
            let told = format!("its token server is {},", realm.origin().ascii_serialization());
            assert!(refused.to_string().contains(&told), "{refused}");
            assert!(!refused.to_string().contains("secret"), "{refused}");
            assert!(tokens.heads().is_empty(), "nothing has come to a port that was made up");
        }
    }

    let server = token_registry(tokens.url("/token").to_string()).await;
    let named = registry(&server.url("/"), basic()).with_token_server(Some(tokens.url("/")));
    named.tags(&repository(), None).await.unwrap();
    assert_eq!(header(&tokens.heads()[0], "authorization"), Some(BASIC));
}

#[tokio::test]
async fn of_the_registrys_host_the_port_of_https_is_its_token_server_too() {
    // Nothing listens there: that it is tried is what tells.
    let (own, insecure) = ("https://127.0.0.1/token", "http://127.0.0.1/token");
    let server = token_registry(own.to_owned()).await;
    let tried = registry(&server.url("/"), basic()).tags(&repository(), None).await.unwrap_err();
    assert!(matches!(tried, Error::Transport(_)), "{tried}");
    for realm in [insecure, "https://127.0.0.1:8443/token", "https://127.0.0.2/token"] {
        let server = token_registry(realm.to_owned()).await;
        let asked = registry(&server.url("/"), basic());
        let refused = asked.tags(&repository(), None).await.unwrap_err();
        assert!(matches!(refused, Error::Unauthorized { .. }), "{realm}: {refused}");
    }
}

#[tokio::test]
async fn credentials_for_a_token_do_not_follow_a_redirect_to_another_port() {
    let other = token_server().await;
    let target = other.url("/token").to_string();
    let server = Server::answering(move |head| {
        let realm = format!("http://{}/token", header(head, "host").unwrap());
        match header(head, "authorization") {
            _ if head.starts_with("GET /token") => Reply::redirect(&target),
            Some("Bearer t0ken") => json(r#"{"tags":["v1"]}"#),
            _ => unauthorized(&format!("Bearer realm=\"{realm}\"")),
        }
    })
    .await;
    registry(&server.url("/"), basic()).tags(&repository(), None).await.unwrap();
    assert_eq!(header(&other.heads()[0], "authorization"), None);
}

#[tokio::test]
async fn a_token_server_that_is_internal_is_not_asked() {
    for realm in [
        "http://169.254.169.254/latest",
        "http://10.0.0.1/token",
        "http://[::1]:1/t",
        "file:///etc/passwd",
    ] {
        let server = token_registry(realm.to_owned()).await;
        let registry = registry(&server.url("/"), Credentials::Anonymous);
        let refused = registry.tags(&repository(), None).await.unwrap_err();
        let Error::Transport(slipway_outbound::Error::Refused { .. }) = refused else {
            panic!("{realm}: {refused}")
        };
    }
}

#[tokio::test]
async fn a_credential_does_not_follow_a_redirect_to_another_origin() {
    let other = Server::answering(|_| json(r#"{"tags":[]}"#)).await;
    let target = other.url("/elsewhere").to_string();
    let server = Server::answering(move |head| match header(head, "authorization") {
        Some(BASIC) => Reply::redirect(&target),
        _ => unauthorized("Basic realm=\"x\""),
    })
    .await;
    registry(&server.url("/"), basic()).tags(&repository(), None).await.unwrap();
    assert_eq!(header(&other.heads()[0], "authorization"), None);
}

#[tokio::test]
async fn a_token_of_the_registrys_own_is_sent_when_it_asks_for_one() {
    let server = Server::answering(move |head| match header(head, "authorization") {
        Some("Bearer own") => json(r#"{"tags":["v1"]}"#),
        _ => unauthorized("Bearer realm=\"http://10.0.0.1/\""),
    })
    .await;
    let credentials = Credentials::Bearer(Password::new("own".to_owned()));
    let registry = registry(&server.url("/"), credentials);
    for _ in 0..2 {
        registry.tags(&repository(), None).await.unwrap();
    }
    let sent = server.heads();
    let sent: Vec<_> = sent.iter().map(|head| header(head, "authorization")).collect();
    assert_eq!(sent, [None, Some("Bearer own"), Some("Bearer own")]);
}

#[tokio::test]
async fn an_endpoint_is_scheme_host_and_port_alone() {
    let http = slipway_outbound::Client::builder(
        slipway_outbound::FetchPolicy::public(),
        slipway_oci::limits(),
    );
    let http = http.build().unwrap();
    for endpoint in [
        "https://a.example/v2/",
        "https://user:pw@a.example/",
        "https://a.example/?q",
        "ftp://a.example/",
    ] {
        let now = tokio::time::Instant::now();
        let url = Url::parse(endpoint).unwrap();
        let refused =
            slipway_oci::Registry::new(http.clone(), url, Credentials::Anonymous, now).unwrap_err();
        assert!(matches!(refused, Error::Endpoint { .. }), "{endpoint}: {refused}");
        assert!(!refused.to_string().contains("pw"), "{refused}");
    }
}
