//! Where the stack listens, and where it says it is.

use std::net::SocketAddr;

use serde_json::{Value, json};
use slipway_local::{Options, Stack};

/// Initiates an upload of `bytes`, and gives its plain URL.
async fn upload_url(stack: &Stack, api: &str, bytes: &[u8]) -> String {
    let sha256 = slipway_domain::Sha256::of(bytes).to_string();
    let request = reqwest::Client::new().post(format!("{api}/v1/artifacts/uploads"));
    let body = json!({ "size_bytes": bytes.len(), "sha256": sha256 });
    let answer = request.bearer_auth(&stack.admin_token).json(&body).send().await.unwrap();
    let upload: Value = answer.error_for_status().unwrap().json().await.unwrap();
    upload["upload_url"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_stack_that_listens_everywhere_keeps_dynamodb_on_loopback() {
    let listen: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let stack = Stack::start(Options { listen, ..Options::ephemeral() }).await.unwrap();
    assert!(stack.base_url.starts_with("http://0.0.0.0:"), "{}", stack.base_url);
    let dynamodb: SocketAddr =
        stack.local.dynamodb_url.trim_start_matches("http://").parse().unwrap();
    assert!(dynamodb.ip().is_loopback(), "{dynamodb}");
    // Another address of this machine, which Linux has without asking, leads to the API and not to
    // DynamoDB.
    if !cfg!(target_os = "linux") {
        return stack.stop().await;
    }
    let elsewhere = |port: u16| SocketAddr::new("127.0.0.2".parse().unwrap(), port);
    let api: SocketAddr = stack.base_url.trim_start_matches("http://").parse().unwrap();
    assert!(tokio::net::TcpStream::connect(elsewhere(api.port())).await.is_ok());
    assert!(tokio::net::TcpStream::connect(elsewhere(dynamodb.port())).await.is_err());
    stack.stop().await;
}

#[tokio::test]
async fn the_public_url_is_where_uploads_go() {
    // Another name for this machine than the one that the stack listens on.
    let public_url = Some("http://localhost:9000".parse().unwrap());
    let stack = Stack::start(Options { public_url, ..Options::ephemeral() }).await.unwrap();
    let url = upload_url(&stack, &stack.base_url, b"hello").await;
    let (_, port) = stack.local.s3_url.rsplit_once(':').unwrap();
    assert!(url.starts_with(&format!("http://localhost:{port}/")), "{url}");
    let put = reqwest::Client::new().put(&url).body("hello").send().await.unwrap();
    assert_eq!(put.status(), 200);
    // Nor is S3 open there: the signature covers the host.
    let other = url.replace("localhost", "127.0.0.1");
    let refused = reqwest::Client::new().put(other).body("hello").send().await.unwrap();
    assert_eq!(refused.status(), 403);
    stack.stop().await;
}

#[tokio::test]
async fn s3_can_have_a_public_url_of_its_own_which_the_stack_itself_does_not_dial() {
    let public_url = Some("https://releases.example.com".parse().unwrap());
    let s3_public_url = Some("https://artifacts.example.com".parse().unwrap());
    let options = Options { public_url, s3_public_url, ..Options::ephemeral() };
    // Its start asks S3 for the bucket, which nobody at that name has.
    let stack = Stack::start(options).await.unwrap();
    let url = upload_url(&stack, &stack.base_url, b"hello").await;
    let path = url.strip_prefix("https://artifacts.example.com").unwrap();
    // As a proxy does that passes Host on.
    let put = reqwest::Client::new().put(format!("{}{path}", stack.local.s3_url));
    let put = put.header("host", "artifacts.example.com").body("hello").send().await.unwrap();
    assert_eq!(put.status(), 200);
    stack.stop().await;
}
