//! `POST /v1/decision` of a mirror: requests that are none, large, or slow.

use std::time::Duration;

use reqwest::{Client, Method, Response};
use slipway_test_support::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::decisions::decide;
use crate::mirror::Mirror;
use crate::server::Server;
use crate::vendor::Vendor;

async fn post(server: &Server, media_type: &str, body: impl Into<reqwest::Body>) -> Response {
    let request = Client::new().post(format!("{}/v1/decision", server.url));
    request.header("content-type", media_type).body(body).send().await.unwrap()
}

/// Makes sure of a refusal, in the form of all others.
async fn refused(response: Response, status: u16, code: &str, field: Option<&str>) {
    assert_eq!(response.status(), status);
    let error: Value = response.json().await.unwrap();
    let error = &error["error"];
    assert_eq!((&error["code"], error["field"].as_str()), (&json!(code), field), "{error}");
    assert!(error["message"].is_string());
}

fn products(count: usize) -> Value {
    let one = |n| json!({ "product_id": "prod_p0", "current_version": format!("0.{n}.0") });
    json!({ "products": (0..count).map(one).collect::<Vec<_>>() })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_still_sends_when_it_is_refused_is_told_why() {
    let (vendor, _) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http"]).await;
    let body = " ".repeat(3 << 20);
    for _ in 0..20 {
        let too_large = post(&server, "application/json", body.clone()).await;
        refused(too_large, 413, "body_too_large", None).await;
        let no_json = post(&server, "text/plain", body.clone()).await;
        refused(no_json, 415, "unsupported_media_type", None).await;
        let elsewhere = Client::new().put(format!("{}/health", server.url)).body(body.clone());
        refused(elsewhere.send().await.unwrap(), 405, "method_not_allowed", None).await;
    }
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_sync_and_with_another_method_there_are_no_decisions() {
    let (vendor, _) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    std::fs::create_dir(mirror.directory()).unwrap();
    let server = Server::start(&mirror, &["--http"]).await;
    refused(
        post(&server, "application/json", products(1).to_string()).await,
        503,
        "unavailable",
        None,
    )
    .await;
    mirror.synced().await;
    for method in [Method::GET, Method::HEAD, Method::PUT] {
        let url = format!("{}/v1/decision", server.url);
        let response = Client::new().request(method.clone(), url).send().await.unwrap();
        assert_eq!(
            (response.status().as_u16(), &response.headers()["allow"]),
            (405, &"POST".parse().unwrap())
        );
        if method != Method::HEAD {
            refused(response, 405, "method_not_allowed", None).await;
        }
    }
    let none = reqwest::get(format!("{}/v1/decision-keys", server.url)).await.unwrap();
    refused(none, 404, "not_found", None).await;
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_request_or_too_long_is_refused_with_what_is_wrong() {
    let (vendor, _) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http"]).await;
    let json = "application/json; charset=utf-8";
    for (media_type, body, status, code, field) in [
        ("text/plain", products(1).to_string(), 415, "unsupported_media_type", None),
        (json, String::new(), 400, "malformed_json", None),
        (json, "{".to_owned(), 400, "malformed_json", None),
        (json, json!({ "products": [] }).to_string(), 400, "invalid_field", Some("products")),
        (json, products(101).to_string(), 400, "invalid_field", Some("products")),
        (
            json,
            json!({ "products": [{}, ["prod_p0"]] }).to_string(),
            400,
            "invalid_field",
            Some("products[1]"),
        ),
        (
            json,
            json!({ "products": [{}, {}] }).to_string(),
            400,
            "invalid_field",
            Some("products[1]"),
        ),
        (
            json,
            json!({ "products": [{}], "nonce": "n".repeat(129) }).to_string(),
            400,
            "invalid_field",
            Some("nonce"),
        ),
        (json, " ".repeat((1 << 20) + 1), 413, "body_too_large", None),
    ] {
        refused(post(&server, media_type, body).await, status, code, field).await;
    }
    // A length that is not announced is counted.
    let pieces = (0..17).map(|_| Ok::<_, std::io::Error>(vec![b' '; 64 << 10]));
    let endless = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    refused(post(&server, json, endless).await, 413, "body_too_large", None).await;
    let whole =
        format!("{}{}", products(100), " ".repeat((1 << 20) - products(100).to_string().len()));
    assert_eq!(post(&server, json, whole).await.status(), 200);
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_a_body_slowly_is_sent_away_and_holds_nobody_up() {
    let (vendor, _) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http"]).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut slow = Vec::new();
    for _ in 0..10 {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let head = "POST /v1/decision HTTP/1.1\r\nhost: mirror\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{";
        stream.write_all(head.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    let answer = timeout(Duration::from_secs(5), decide(&server, &products(1))).await.unwrap();
    assert_eq!(answer["decisions"][0]["version"], "1.0.0");
    for mut stream in slow {
        let mut said = vec![0; 12];
        let read = timeout(Duration::from_secs(20), stream.read_exact(&mut said)).await;
        read.expect("it is sent away").unwrap();
        assert_eq!(said, b"HTTP/1.1 408");
    }
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_names_the_mirror_as_the_client_does() {
    let (vendor, files) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http"]).await;
    let ask = async |host: &str| {
        let request = Client::new().post(format!("{}/v1/decision", server.url)).json(&products(1));
        request.header("host", host).send().await.unwrap()
    };
    for (host, expected) in [
        ("mirror.example.com", "http://mirror.example.com"),
        ("mirror.example.com:8443", "http://mirror.example.com:8443"),
        ("[::1]:8443", "http://[::1]:8443"),
    ] {
        let answer: Value = ask(host).await.json().await.unwrap();
        let url = &answer["decisions"][0]["artifacts"][0]["download_url"];
        assert_eq!(*url, format!("{expected}/artifacts/{}", files[0].sha256));
    }
    for host in ["", "a/b", "a?b", "user@a", "a b"] {
        refused(ask(host).await, 400, "invalid_field", Some("Host")).await;
    }
    vendor.leaves().await;
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn large_requests_whose_answers_nobody_reads_cost_little_and_hold_up_no_small_ones() {
    let (vendor, _) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http"]).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    // The longest body, whose answer is almost four times as long.
    let numbers = "9e15,".repeat((1 << 20) / 5 - 20);
    let body = format!(r#"{{"products":[{{"current_version":[{numbers}0]}}]}}"#);
    let head = format!(
        "POST /v1/decision HTTP/1.1\r\nhost: mirror\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let sent = std::sync::Arc::new(head + &body);
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..60 {
        let (address, sent) = (address.clone(), std::sync::Arc::clone(&sent));
        clients.spawn(async move {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            // Some are refused before all of the body was read.
            let _ = stream.write_all(sent.as_bytes()).await;
            stream
        });
    }
    let (mut silent, small) = (Vec::new(), products(1));
    for _ in 0..5 {
        let asked = timeout(Duration::from_secs(10), decide(&server, &small));
        assert_eq!(asked.await.unwrap()["decisions"][0]["version"], "1.0.0");
        tokio::time::sleep(Duration::from_secs(1)).await;
        while let Some(stream) = clients.try_join_next() {
            silent.push(stream.unwrap());
        }
    }
    assert!(!silent.is_empty());
    let peak = server.peak_memory();
    assert!(peak < 192 << 20, "{} MiB", peak >> 20);
    vendor.leaves().await;
}
