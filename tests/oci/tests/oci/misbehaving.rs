//! Registries that are down, slow, or answer what no registry should: each ends with its error, and
//! in time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use slipway_composition::ImageRepository;
use slipway_oci::{Credentials, Error, ManifestReference, TagsCursor};
use slipway_test_scripted_server::{Reply, Server};

use crate::{registry, registry_for};

fn repository() -> ImageRepository {
    "myorg/api".parse().unwrap()
}

fn tag() -> ManifestReference {
    ManifestReference::Tag("v1".parse().unwrap())
}

fn reply(status: &str, headers: &str, body: &str) -> Reply {
    let length = body.len();
    Reply::raw(&format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}"))
}

async fn tags_error(answer: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Error {
    let server = Server::start(answer).await;
    let registry = registry(&server.url("/"), Credentials::Anonymous);
    registry.tags(&repository(), None).await.unwrap_err()
}

#[tokio::test]
async fn what_is_no_list_of_tags_is_malformed() {
    for body in [
        "<html>maintenance</html>",
        "",
        "[]",
        r#"{"tags":{}}"#,
        r#"{"tags":["a b"]}"#,
        r#"{"tags":[1]}"#,
    ] {
        let error = tags_error(move |_| reply("200 OK", "", body)).await;
        assert!(matches!(error, Error::Malformed { .. }), "{body}: {error}");
    }
}

#[tokio::test]
async fn what_a_registry_answers_is_not_repeated_in_errors() {
    for body in [r#""t0ken""#.to_owned(), format!(r#"{{"tags":"{}"}}"#, "t0ken".repeat(10_000))] {
        let error = tags_error(move |_| reply("200 OK", "", &body)).await.to_string();
        assert!(!error.contains("t0ken") && error.len() < 300, "{error}");
        assert!(error.contains("line 1"), "{error}");
    }
}

#[tokio::test]
async fn a_list_that_goes_on_elsewhere_or_nowhere_is_malformed() {
    for target in [
        "https://evil.example/v2/myorg/api/tags/list",
        "//evil.example/",
        "/v2/myorg/api/tags/list?n=1000",
        "http://[",
    ] {
        let link = format!("link: <{target}>; rel=\"next\"\r\n");
        let error = tags_error(move |_| reply("200 OK", &link, r#"{"tags":[]}"#)).await;
        assert!(matches!(error, Error::Malformed { .. }), "{target}: {error}");
    }
    let long = format!("link: </v2/x?last={}>; rel=\"next\"\r\n", "x".repeat(3000));
    let error = tags_error(move |_| reply("200 OK", &long, r#"{"tags":[]}"#)).await;
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
    let server = Server::start(|_| reply("200 OK", "", "")).await;
    let kept = TagsCursor::from_stored("//evil.example/x".to_owned());
    let registry = registry(&server.url("/"), Credentials::Anonymous);
    let error = registry.tags(&repository(), Some(&kept)).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
    assert_eq!(server.heads().len(), 0);
}

#[tokio::test]
async fn pages_follow_the_link_that_the_registry_gives() {
    let server = Server::start(|path| match path {
        "/v2/myorg/api/tags/list?n=1000" => reply(
            "200 OK",
            "link: <list?page=opaque%2F2>; rel=\"next\"\r\n",
            r#"{"tags":["b","a"]}"#,
        ),
        "/v2/myorg/api/tags/list?page=opaque%2F2" => reply("200 OK", "", r#"{"tags":null}"#),
        _ => reply("404 Not Found", "", ""),
    })
    .await;
    let registry = registry(&server.url("/"), Credentials::Anonymous);
    let first = registry.tags(&repository(), None).await.unwrap();
    assert_eq!(first.tags.len(), 2);
    let next = first.next.unwrap();
    let kept = TagsCursor::from_stored(next.as_str().to_owned());
    let second = registry.tags(&repository(), Some(&kept)).await.unwrap();
    assert_eq!((second.tags.len(), second.next), (0, None));
}

#[tokio::test]
async fn an_endless_body_is_cut_off_at_the_limit() {
    let error = tags_error(|_| Reply::document(&vec![b' '; 5 << 20])).await;
    let Error::Transport(slipway_outbound::Error::TooLarge { most, .. }) = error else {
        panic!("{error}")
    };
    assert_eq!(most, 4 << 20);
}

#[tokio::test]
async fn a_registry_that_is_down_or_silent_is_tried_again_and_then_named() {
    let server = Server::start(|_| reply("503 Service Unavailable", "", "")).await;
    let asked = registry(&server.url("/"), Credentials::Anonymous);
    let error = asked.tags(&repository(), None).await.unwrap_err();
    assert!(matches!(error, Error::Status { status, .. } if status == 503), "{error}");
    assert_eq!(server.heads().len(), 3);

    let silent = Server::start(|_| Reply::Silence).await;
    let asked = registry(&silent.url("/"), Credentials::Anonymous);
    let error = asked.tags(&repository(), None).await.unwrap_err();
    assert!(matches!(error, Error::Transport(slipway_outbound::Error::NoAnswer { .. })), "{error}");

    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", gone.local_addr().unwrap()).parse().unwrap();
    drop(gone);
    let error = registry(&url, Credentials::Anonymous).ping().await.unwrap_err();
    let unreachable =
        slipway_outbound::Error::Unreachable { host: String::new(), cause: String::new() };
    let Error::Transport(transport) = error else { panic!("{error}") };
    assert_eq!(std::mem::discriminant(&transport), std::mem::discriminant(&unreachable));
}

#[tokio::test]
async fn a_fault_that_passes_is_not_noticed() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::raw(""),
        1 => reply("502 Bad Gateway", "", ""),
        _ => reply("200 OK", "", r#"{"tags":["v1"]}"#),
    })
    .await;
    let registry = registry(&server.url("/"), Credentials::Anonymous);
    assert_eq!(registry.tags(&repository(), None).await.unwrap().tags.len(), 1);
}

#[tokio::test]
async fn a_429_is_waited_for_while_there_is_time() {
    let count = AtomicUsize::new(0);
    let server = Server::start(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => reply("429 Too Many Requests", "retry-after: 1\r\n", ""),
        _ => reply("200 OK", "", r#"{"tags":["v1"]}"#),
    })
    .await;
    let start = Instant::now();
    let asked = registry(&server.url("/"), Credentials::Anonymous);
    assert_eq!(asked.tags(&repository(), None).await.unwrap().tags.len(), 1);
    assert!(start.elapsed() >= Duration::from_secs(1));

    let server =
        Server::start(|_| reply("429 Too Many Requests", "retry-after: 3600\r\n", "")).await;
    let start = Instant::now();
    let asked = registry(&server.url("/"), Credentials::Anonymous);
    let error = asked.tags(&repository(), None).await.unwrap_err();
    let Error::TooManyRequests { retry_after, .. } = error else { panic!("{error}") };
    assert_eq!(retry_after, Some(Duration::from_hours(1)));
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_429_is_no_loop_whatever_it_asks_for() {
    for seconds in ["0", "18446744073709551615", "-1", "soon"] {
        let count = std::sync::Arc::new(AtomicUsize::new(0));
        let counted = std::sync::Arc::clone(&count);
        let server = Server::start(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            reply("429 Too Many Requests", &format!("retry-after: {seconds}\r\n"), "")
        })
        .await;
        let time = Duration::from_millis(3800);
        let asked = registry_for(&server.url("/"), Credentials::Anonymous, time);
        let error = asked.tags(&repository(), None).await.unwrap_err();
        assert!(matches!(error, Error::TooManyRequests { .. }), "{seconds}: {error}");
        // At once, after one second, and after two more.
        assert_eq!(count.load(Ordering::SeqCst), 3, "{seconds}");
    }
}

#[tokio::test]
async fn a_body_that_drips_ends_with_the_time_there_is() {
    let server = Server::start(|_| Reply::Drip { pieces: 100 }).await;
    let start = Instant::now();
    let asked = registry_for(&server.url("/"), Credentials::Anonymous, Duration::from_secs(1));
    let error = asked.tags(&repository(), None).await.unwrap_err();
    assert!(matches!(error, Error::OutOfTime { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn where_a_registry_tells_no_digest_the_manifest_is_hashed() {
    for head in ["200 OK", "405 Method Not Allowed"] {
        let server = Server::answering(move |request| match request.split(' ').next() {
            Some("HEAD") => Reply::raw(&format!("HTTP/1.1 {head}\r\ncontent-length: 2\r\n\r\n")),
            _ => reply(
                "200 OK",
                "content-type: application/vnd.oci.image.manifest.v1+json; charset=utf-8\r\n",
                "{}",
            ),
        })
        .await;
        let registry = registry(&server.url("/"), Credentials::Anonymous);
        let manifest = registry.resolve(&repository(), &tag()).await.unwrap().unwrap();
        // SHA-256 of `{}`.
        let digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
        assert_eq!(manifest.digest.as_str(), digest);
        assert_eq!(manifest.media_type, "application/vnd.oci.image.manifest.v1+json");
    }
}

#[tokio::test]
async fn a_web_page_is_no_manifest() {
    for kind in ["content-type: text/html\r\n", ""] {
        let page = move |_: &str| reply("200 OK", kind, "<html>sign in</html>");
        let server = Server::start(page).await;
        let registry = registry(&server.url("/"), Credentials::Anonymous);
        let error = registry.resolve(&repository(), &tag()).await.unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{error}");
    }
}

#[tokio::test]
async fn another_digest_than_the_one_that_was_asked_for_is_malformed() {
    let other = format!("docker-content-digest: sha256:{}\r\n", "1".repeat(64));
    let server = Server::start(move |_| {
        Reply::raw(&format!("HTTP/1.1 200 OK\r\n{other}content-length: 2\r\n\r\n{{}}"))
    })
    .await;
    let registry = registry(&server.url("/"), Credentials::Anonymous);
    let asked: slipway_composition::ImageDigest =
        format!("sha256:{}", "0".repeat(64)).parse().unwrap();
    let reference = ManifestReference::Digest(asked.clone());
    let error = registry.resolve(&repository(), &reference).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
    let error = registry.platforms(&repository(), &asked).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
    let garbled = Server::start(|_| {
        Reply::raw("HTTP/1.1 200 OK\r\ndocker-content-digest: md5:1\r\ncontent-length: 0\r\n\r\n")
    })
    .await;
    let registry = crate::registry(&garbled.url("/"), Credentials::Anonymous);
    let error = registry.resolve(&repository(), &tag()).await.unwrap_err();
    assert!(matches!(error, Error::Malformed { .. }), "{error}");
}
