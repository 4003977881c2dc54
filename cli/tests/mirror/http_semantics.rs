//! `slipway mirror serve` as HTTP (RFC 9110) says.

use std::collections::BTreeSet;

use crate::mirror::Mirror;
use crate::server::{Curl, CurlResponse, Server};
use crate::vendor::{Uploaded, Vendor};

const LENGTH: usize = 100_000;

struct HttpFixture {
    vendor: Vendor,
    mirror: Mirror,
    server: Server,
    file: Uploaded,
    /// Every path that is served.
    paths: Vec<String>,
}

impl HttpFixture {
    async fn set() -> Self {
        let (vendor, mut files) = Vendor::with_files(0..1, LENGTH).await;
        let mirror = Mirror::of(&vendor);
        let synced = mirror.synced().await;
        let server = Server::start(&mirror, &[]).await;
        let (id, file) = (synced["snapshot_id"].as_str().unwrap(), files.remove(0));
        let paths = [
            "/v1/snapshots/latest".to_owned(),
            format!("/v1/snapshots/{id}"),
            format!("/v1/snapshots/{id}/bundle"),
            "/v1/keys".to_owned(),
            format!("/artifacts/{}", file.sha256),
            "/health".to_owned(),
        ];
        Self { vendor, mirror, server, file, paths: paths.to_vec() }
    }

    async fn get(&self, path: &str, more: &[&str]) -> CurlResponse {
        Curl::of(&self.mirror).get(&format!("{}{path}", self.server.url), more).await
    }
}

/// The lines of a head but for its date.
fn lines(response: &CurlResponse) -> BTreeSet<&str> {
    response.headers.lines().filter(|line| !line.starts_with("date:")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_the_body() {
    let scene = HttpFixture::set().await;
    let unknown = ["/none".to_owned(), "/v1/snapshots/snapshot_none".to_owned()];
    for path in scene.paths.iter().chain(&unknown) {
        let (get, head) = (scene.get(path, &[]).await, scene.get(path, &["-I"]).await);
        assert_eq!(lines(&head), lines(&get), "{path}");
        assert!(head.body.is_empty() || head.body.starts_with(b"HTTP"), "{path}: {head:?}");
        let length = get.body.len().to_string();
        assert_eq!(head.header("content-length"), Some(&*length), "{path}");
    }
    // Ranges are for GET alone.
    let head = scene.get(&scene.paths[4], &["-I", "-r", "0-9"]).await;
    assert_eq!((head.status, head.header("content-length")), (200, Some("100000")));
    scene.vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_method_is_told_once_which_ones_there_are() {
    let scene = HttpFixture::set().await;
    for path in &scene.paths {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
            let refused = scene.get(path, &["-X", method]).await;
            assert_eq!(refused.status, 405, "{method} {path}");
            let allow: Vec<&str> =
                refused.headers.lines().filter(|line| line.starts_with("allow:")).collect();
            assert_eq!(allow, ["allow: get,head"], "{method} {path}");
        }
    }
    scene.vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_that_is_not_known_or_not_supported_gets_the_whole() {
    let scene = HttpFixture::set().await;
    let path = &scene.paths[4];
    for range in ["bytes=0-1,5-6", "bytes=0-1, 200000-", "lines=1-2", "bytes=5-2", "bytes=x-y"] {
        let whole = scene.get(path, &["-H", &format!("Range: {range}")]).await;
        assert_eq!((whole.status, whole.header("content-range")), (200, None), "{range}");
        assert!(whole.body == scene.file.bytes, "{range}");
    }
    let whole = scene.get(path, &["-H", "Range: bytes=0-1", "-H", "Range: bytes=5-6"]).await;
    assert_eq!((whole.status, whole.body.len()), (200, LENGTH));
    for (range, first, last) in
        [("bytes=0-0", 0, 0), ("bytes=-10", 99_990, 99_999), ("bytes=99990-200000", 99_990, 99_999)]
    {
        let part = scene.get(path, &["-H", &format!("Range: {range}")]).await;
        let content_range = format!("bytes {first}-{last}/{LENGTH}");
        assert_eq!((part.status, part.header("content-range")), (206, Some(&*content_range)));
        assert!(part.body == scene.file.bytes[first..=last], "{range}");
    }
    for range in ["bytes=100000-", "bytes=-0", "bytes=200000-300000"] {
        let refused = scene.get(path, &["-H", &format!("Range: {range}")]).await;
        assert_eq!(refused.header("content-range"), Some("bytes */100000"), "{range}");
        assert_eq!(refused.json(416)["error"]["code"], "range_not_satisfiable");
    }
    scene.vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_come_in_parts_too_and_their_tag_is_their_digest() {
    let scene = HttpFixture::set().await;
    for path in &scene.paths[..4] {
        let whole = scene.get(path, &[]).await;
        let digest = slipway_domain::Sha256::of(&whole.body);
        assert_eq!(whole.header("etag"), Some(&*format!("\"{digest}\"")), "{path}");
        assert_eq!(whole.header("content-type"), Some("application/json"), "{path}");
        let part = scene.get(path, &["-r", "5-9"]).await;
        assert_eq!((part.status, &*part.body), (206, &whole.body[5..10]), "{path}");
        let known = format!("If-None-Match: \"{digest}\"");
        let not_modified = scene.get(path, &["-H", &known]).await;
        assert_eq!((not_modified.status, not_modified.body.len()), (304, 0), "{path}");
        for name in ["etag", "cache-control"] {
            assert_eq!(not_modified.header(name), whole.header(name), "{path}");
        }
    }
    scene.vendor.leaves().await;
}
