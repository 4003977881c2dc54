use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use reqwest::{Response, StatusCode, header::HeaderMap};

use crate::{
    signing::Presigned,
    support::{BUCKET, MIB, Server, http, pattern, sha256},
};

fn a_minute() -> PresigningConfig {
    PresigningConfig::expires_in(Duration::from_mins(1)).unwrap()
}

async fn put_url(server: &Server) -> String {
    let put = server.client.put_object().bucket(BUCKET).key("k");
    put.presigned(a_minute()).await.unwrap().uri().to_owned()
}

/// Sends the request with the headers that were signed, as users are told to.
async fn put_signed(request: &PresignedRequest, bytes: &[u8]) -> Response {
    // The length is what the client library makes it, of the bytes.
    let signed = request.headers().filter(|(name, _)| *name != "content-length");
    let headers: HeaderMap =
        signed.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
    http().put(request.uri()).headers(headers).body(bytes.to_vec()).send().await.unwrap()
}

async fn refusal(response: Response) -> (StatusCode, String) {
    let status = response.status();
    let text = response.text().await.unwrap();
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
    (status, code.unwrap_or_else(|| panic!("no code: {text}")).0.to_owned())
}

fn forbidden(code: &str) -> (StatusCode, String) {
    (StatusCode::FORBIDDEN, code.to_owned())
}

#[tokio::test]
async fn anyone_with_the_url_can_put() {
    let server = Server::start().await;
    let bytes = pattern(3 * MIB);
    let put = http().put(put_url(&server).await).header("content-type", "application/octet-stream");
    let answer = put.body(bytes.clone()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().contains_key("etag"));
    assert!(server.bytes("k").await == bytes);
}

#[tokio::test]
async fn a_url_says_how_the_bytes_are_to_be_saved() {
    let server = Server::start().await;
    server.put("k", b"hello").await;
    let get = server.client.get_object().bucket(BUCKET).key("k");
    let get = get
        .response_content_disposition("attachment; filename=\"a b.bin\"")
        .response_content_type("text/x-it");
    let url = get.presigned(a_minute()).await.unwrap();
    let got = http().get(url.uri()).send().await.unwrap();
    assert_eq!(got.headers()["content-disposition"], "attachment; filename=\"a b.bin\"");
    assert_eq!(got.headers().get_all("content-type").iter().collect::<Vec<_>>(), ["text/x-it"]);
    assert_eq!(got.headers()["content-length"], "5");
    assert_eq!(got.text().await.unwrap(), "hello");

    let query =
        vec![("response-content-disposition", "inline"), ("response-content-type", "text/x-it")];
    let url = Presigned { method: "HEAD", key: "k", query, ..Presigned::default() }.url(&server);
    let head = http().head(url).send().await.unwrap();
    assert_eq!(head.headers()["content-disposition"], "inline");
    assert_eq!(head.headers()["content-type"], "text/x-it");
}

#[tokio::test]
async fn a_plain_client_gets_ranges_and_conditions() {
    let server = Server::start().await;
    let etag = server.put("key", b"hello").await;
    let url = Presigned::default().url(&server);
    let part = http().get(&url).header("range", "bytes=1-3").send().await.unwrap();
    assert_eq!(
        (part.status(), part.headers()["content-range"].to_str().unwrap()),
        (StatusCode::PARTIAL_CONTENT, "bytes 1-3/5")
    );
    assert_eq!(part.text().await.unwrap(), "ell");
    let head = Presigned { method: "HEAD", ..Presigned::default() }.url(&server);
    let head = http().head(head).header("range", "bytes=1-3").send().await.unwrap();
    assert_eq!(
        (head.status(), head.headers()["content-length"].to_str().unwrap()),
        (StatusCode::PARTIAL_CONTENT, "3")
    );
    let known = http().get(&url).header("if-none-match", &etag).send().await.unwrap();
    assert_eq!(
        (known.status(), known.headers()["etag"].to_str().unwrap()),
        (StatusCode::NOT_MODIFIED, etag.as_str())
    );
    assert_eq!(known.text().await.unwrap(), "");
}

#[tokio::test]
async fn a_malformed_range_is_refused() {
    let server = Server::start().await;
    server.put("key", b"hello").await;
    let got = http()
        .get(Presigned::default().url(&server))
        .header("range", "lines=1-2")
        .send()
        .await
        .unwrap();
    assert_eq!(got.status(), 400);
}

#[tokio::test]
async fn signed_headers_are_demanded_and_checked() {
    let server = Server::start().await;
    let put =
        server.client.put_object().bucket(BUCKET).key("k").content_length(5).if_none_match("*");
    let request = put
        .checksum_sha256(sha256(b"hello"))
        .metadata("colour", "green")
        .presigned(a_minute())
        .await
        .unwrap();

    assert_eq!(
        refusal(put_signed(&request, b"hullo").await).await,
        (StatusCode::BAD_REQUEST, "BadDigest".to_owned())
    );
    assert_eq!(
        refusal(put_signed(&request, b"hello!").await).await,
        forbidden("SignatureDoesNotMatch")
    );
    let bare = http().put(request.uri()).body("hello").send().await.unwrap();
    assert_eq!(refusal(bare).await, forbidden("SignatureDoesNotMatch"));
    assert!(!server.exists("k").await);

    assert_eq!(put_signed(&request, b"hello").await.status(), 200);
    let head = server.client.head_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_eq!(head.metadata().unwrap()["colour"], "green");
    let again = put_signed(&request, b"hello").await;
    assert_eq!(
        refusal(again).await,
        (StatusCode::PRECONDITION_FAILED, "PreconditionFailed".to_owned())
    );
}

#[tokio::test]
async fn a_header_of_s3_that_is_not_signed_is_refused() {
    let server = Server::start().await;
    for name in ["x-amz-checksum-sha256", "x-amz-meta-colour", "x-amz-acl", "x-amz-content-sha256"]
    {
        let put = http().put(put_url(&server).await).header(name, sha256(b"hello")).body("hello");
        assert_eq!(refusal(put.send().await.unwrap()).await, forbidden("AccessDenied"), "{name}");
    }
    assert!(!server.exists("k").await);
}

#[tokio::test]
async fn a_checksum_in_the_query_counts_for_nothing() {
    let server = Server::start().await;
    let wrong = sha256(b"hullo");
    let query =
        vec![("x-amz-checksum-sha256", wrong.as_str()), ("x-amz-sdk-checksum-algorithm", "SHA256")];
    let url = Presigned { method: "PUT", query, ..Presigned::default() }.url(&server);
    assert_eq!(http().put(url).body("hello").send().await.unwrap().status(), 200);
    let head = server.client.head_object().bucket(BUCKET).key("key");
    let head = head.checksum_mode(aws_sdk_s3::types::ChecksumMode::Enabled).send().await.unwrap();
    assert_eq!(head.checksum_sha256(), None);
}

#[tokio::test]
async fn an_expired_url_is_refused() {
    let server = Server::start().await;
    server.put("k", b"hello").await;
    let then = SystemTime::now() - Duration::from_secs(62);
    let config = PresigningConfig::builder()
        .start_time(then)
        .expires_in(Duration::from_mins(1))
        .build()
        .unwrap();
    let url = server.client.get_object().bucket(BUCKET).key("k").presigned(config).await.unwrap();
    assert_eq!(
        refusal(http().get(url.uri()).send().await.unwrap()).await,
        forbidden("AccessDenied")
    );
}

#[tokio::test]
async fn a_url_lives_for_seven_days_at_most() {
    let server = Server::start().await;
    server.put("key", b"hello").await;
    let week = Presigned { expires_seconds: "604800", ..Presigned::default() }.url(&server);
    assert_eq!(http().get(week).send().await.unwrap().status(), 200);
    let longer = Presigned { expires_seconds: "604801", ..Presigned::default() }.url(&server);
    let refused = refusal(http().get(longer).send().await.unwrap()).await;
    assert_eq!(refused, (StatusCode::BAD_REQUEST, "AuthorizationQueryParametersError".to_owned()));
}

#[tokio::test]
async fn a_tampered_url_is_refused() {
    let server = Server::start().await;
    for key in ["key", "other"] {
        server.put(key, b"hello").await;
    }
    let url =
        Presigned { query: vec![("response-content-type", "text/plain")], ..Presigned::default() }
            .url(&server);
    let tampered = [
        url.replace("/key?", "/other?"),
        url.replace("text%2Fplain", "text%2Fhtml"),
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
        format!("{url}&response-cache-control=no-store"),
    ];
    for url in tampered {
        let got = http().get(&url).send().await.unwrap();
        assert_eq!(refusal(got).await, forbidden("SignatureDoesNotMatch"), "{url}");
    }
    let put = http().put(&url).body("mine").send().await.unwrap();
    assert_eq!(refusal(put).await, forbidden("SignatureDoesNotMatch"));
    assert_eq!(http().get(&url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn only_the_one_key_pair_is_known() {
    let server = Server::start().await;
    let url = Presigned { access_key: "somebody", ..Presigned::default() }.url(&server);
    assert_eq!(
        refusal(http().get(url).send().await.unwrap()).await,
        forbidden("InvalidAccessKeyId")
    );
}

#[tokio::test]
async fn nobody_gets_in_without_a_signature() {
    let server = Server::start().await;
    server.put("k", b"hello").await;
    assert_eq!(
        refusal(http().get(server.url("k")).send().await.unwrap()).await,
        forbidden("AccessDenied")
    );
    let put = http().put(server.url("k")).body("mine").send().await.unwrap();
    assert_eq!(refusal(put).await, forbidden("AccessDenied"));
}

#[tokio::test]
async fn a_credential_beside_a_presigned_url_is_refused_whatever_it_is() {
    let server = Server::start().await;
    server.put("key", b"hello").await;
    let invalid = (StatusCode::BAD_REQUEST, "InvalidArgument".to_owned());
    let aws = "AWS4-HMAC-SHA256 Credential=a/b/c/s3/aws4_request, SignedHeaders=host, Signature=00";
    for authorization in ["Bearer slp_token", "Basic YTpi", aws, "", "\u{fc}"] {
        let get = http().get(Presigned::default().url(&server));
        let got = get.header("authorization", authorization).send().await.unwrap();
        let text = got.text().await.unwrap();
        assert!(text.contains("<Code>InvalidArgument</Code>"), "{authorization}: {text}");
        assert!(text.contains("Only one auth mechanism allowed"), "{authorization}: {text}");

        let put = http().put(put_url(&server).await).header("authorization", authorization);
        assert_eq!(refusal(put.body("hello").send().await.unwrap()).await, invalid);
    }
    assert!(!server.exists("k").await);
    let head = Presigned { method: "HEAD", ..Presigned::default() }.url(&server);
    let got = http().head(&head).header("authorization", "Bearer a").send().await.unwrap();
    assert_eq!(got.status(), 400);
    assert_eq!(http().head(&head).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_credential_that_is_none_of_s3s_is_refused() {
    let server = Server::start().await;
    let got = http().get(server.url("key")).bearer_auth("slp_token").send().await.unwrap();
    assert_eq!(refusal(got).await, (StatusCode::BAD_REQUEST, "InvalidArgument".to_owned()));
}

#[tokio::test]
async fn a_presigned_url_is_for_the_method_that_was_signed() {
    let server = Server::start().await;
    server.put("key", b"hello").await;
    let get = Presigned::default().url(&server);
    let head = Presigned { method: "HEAD", ..Presigned::default() }.url(&server);
    assert_eq!(http().head(&get).send().await.unwrap().status(), 403);
    assert_eq!(
        refusal(http().get(&head).send().await.unwrap()).await,
        forbidden("SignatureDoesNotMatch")
    );
    let answer = http().head(&head).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-length"], "5");
}

#[tokio::test]
async fn signatures_of_version_2_are_refused() {
    let server = Server::start().await;
    let url = format!(
        "{}?AWSAccessKeyId=local-access-key&Expires=99999999999&Signature=AAAA",
        server.url("k")
    );
    let refused = refusal(http().get(url).send().await.unwrap()).await;
    assert_eq!(refused, (StatusCode::BAD_REQUEST, "InvalidRequest".to_owned()));
}
