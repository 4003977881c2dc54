//! `slipway mirror serve`: what clients behind a mirror get.

use std::path::Path;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use slipway_domain::Sha256;
use slipway_signing::KeySet;
use slipway_test_support::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::certificates::Certificate;
use crate::mirror::Mirror;
use crate::server::{Curl, Server};
use crate::vendor::Vendor;

const LENGTH: usize = 100_000;

fn digest(certificate: &Path) -> String {
    Sha256::of(&CertificateDer::from_pem_file(certificate).unwrap()).to_string()
}

/// Waits for something, for 20 seconds at most.
async fn until(what: &str, come: impl AsyncFn() -> bool) {
    for _ in 0..200 {
        if come().await {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("not within 20 seconds: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_get_everything_over_https_and_can_verify_it_without_trusting_the_mirror() {
    let (vendor, files) = Vendor::with_files(0..3, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &[]).await;
    let curl = Curl::of(&mirror);
    assert_eq!(server.fingerprint.as_deref(), Some(&*digest(&mirror.certificate())));
    let keys = vendor.keys().await;
    assert_eq!(curl.everything(&server.url, &keys).await, files.len());
    let shown: KeySet =
        serde_json::from_value(curl.get(&format!("{}/v1/keys", server.url), &[]).await.json(200))
            .unwrap();
    assert_eq!(shown, keys);
    let health = curl.get(&format!("{}/health", server.url), &[]).await.json(200);
    assert_eq!((&health["status"], &health["sequence"]), (&json!("ok"), &json!(1)));
    assert!(server.terminated().await.success());
    // The next one shows the same certificate.
    let server = Server::start(&mirror, &[]).await;
    assert_eq!(server.fingerprint.as_deref(), Some(&*digest(&mirror.certificate())));
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn artifacts_come_in_parts_and_are_not_sent_to_who_has_them() {
    let (vendor, files) = Vendor::with_files(0..1, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &[]).await;
    let curl = Curl::of(&mirror);
    let file = &files[0];
    let url = format!("{}/artifacts/{}", server.url, file.sha256);
    let whole = curl.get(&url, &[]).await;
    assert_eq!(whole.header("etag"), Some(&*format!("\"{}\"", file.sha256)));
    assert_eq!(whole.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(whole.header("content-length"), Some("100000"));
    let part = curl.get(&url, &["-r", "99990-"]).await;
    assert_eq!(
        (part.status, part.header("content-range")),
        (206, Some("bytes 99990-99999/100000"))
    );
    assert!(part.body == file.bytes[99_990..]);
    assert_eq!(curl.get(&url, &["-r", "100000-"]).await.status, 416);
    let etag = format!("If-None-Match: \"{}\"", file.sha256);
    let known = curl.get(&url, &["-H", &etag]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    // A part of something else is of no use.
    let other = curl.get(&url, &["-r", "10-", "-H", "If-Range: \"other\""]).await;
    assert_eq!((other.status, other.body.len()), (200, LENGTH));
    let head = curl.get(&url, &["-I"]).await;
    assert_eq!((head.status, head.header("content-length")), (200, Some("100000")));

    let latest = format!("{}/v1/snapshots/latest", server.url);
    let first = curl.get(&latest, &[]).await;
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let known = format!("If-None-Match: {}", first.header("etag").unwrap());
    assert_eq!(curl.get(&latest, &["-H", &known]).await.status, 304);
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_of_the_machine_is_served() {
    let (vendor, files) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &[]).await;
    let curl = Curl::of(&mirror);
    let (sha256, unknown) = (&files[0].sha256, "0".repeat(64));
    for path in [
        "/".to_owned(),
        "/current.json".to_owned(),
        "/tls/private-key.pem".to_owned(),
        format!("/artifacts/{unknown}"),
        format!("/artifacts/{}", sha256.to_uppercase()),
        format!("/artifacts/{sha256}/"),
        "/artifacts/../tls/private-key.pem".to_owned(),
        "/artifacts/..%2f..%2ftls%2fprivate-key.pem".to_owned(),
        "/artifacts/%2e%2e".to_owned(),
        "/v1/snapshots/snapshot_none".to_owned(),
        "/v1/snapshots/..%2f..%2fcurrent.json".to_owned(),
        "/v1/snapshots/../bundle".to_owned(),
        "/v1/snapshots/%00/bundle".to_owned(),
        "//etc/passwd".to_owned(),
    ] {
        let error = curl.get(&format!("{}{path}", server.url), &[]).await.json(404);
        assert_eq!(error["error"]["code"], "not_found", "{path}");
    }
    for method in ["POST", "PUT", "DELETE"] {
        let got = curl.get(&format!("{}/artifacts/{sha256}", server.url), &["-X", method]).await;
        assert_eq!(got.header("allow"), Some("get,head"));
        assert_eq!(got.json(405)["error"]["code"], "method_not_allowed");
    }
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_sync_there_is_nothing_and_plain_connections_get_nothing() {
    let (vendor, _) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    std::fs::create_dir(mirror.directory()).unwrap();
    let server = Server::start(&mirror, &[]).await;
    let curl = Curl::of(&mirror);
    for path in ["/health", "/v1/snapshots/latest", "/v1/keys"] {
        assert_eq!(
            curl.get(&format!("{}{path}", server.url), &[]).await.json(503)["error"]["code"],
            "unavailable"
        );
    }
    let plain = reqwest::get(format!("{}/health", server.url.replace("https", "http"))).await;
    assert!(plain.is_err(), "{plain:?}");
    mirror.synced().await;
    assert_eq!(
        curl.get(&format!("{}/health", server.url), &[]).await.status,
        200,
        "it need not be started anew"
    );
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_the_certificate_that_it_is_given_and_says_what_is_wrong_with_one() {
    let (vendor, _) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let (certificate, key) = Certificate::new().write(mirror.place.path());
    let files = ["--certificate", "own.pem", "--private-key", "own.key"];
    let server = Server::start(&mirror, &files).await;
    assert_eq!(server.fingerprint.as_deref(), Some(&*digest(&certificate)));
    let curl = Curl::of(&mirror).trusting(certificate.clone());
    curl.everything(&server.url, &vendor.keys().await).await;
    drop(server);
    for (path, text, part) in
        [(&certificate, "no certificate", "own.pem"), (&key, "no key", "own.key")]
    {
        let kept = std::fs::read(path).unwrap();
        std::fs::write(path, text).unwrap();
        let ran = crate::mirror::run(&mut mirror.command("serve", &files)).await;
        ran.refused(2, "usage", part);
        std::fs::write(path, kept).unwrap();
    }
    let alone = crate::mirror::run(&mut mirror.command("serve", &files[..2])).await;
    assert_eq!(alone.code, Some(2), "{alone:?}");
    vendor.leaves().await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn its_own_private_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (vendor, _) = Vendor::with_files(0..1, 10).await;
    let mirror = Mirror::of(&vendor);
    let server = Server::start(&mirror, &[]).await;
    let mode = std::fs::metadata(mirror.directory().join("tls/private-key.pem"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    drop(server);
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_syncs_by_itself_serves_what_is_new_and_outlives_a_sync_that_fails() {
    let (vendor, _) = Vendor::with_files(0..1, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    let server = Server::start(&mirror, &["--http", "--sync-every", "1s", "--timeout", "1s"]).await;
    let sequence = async || -> Option<u64> {
        let health: Value =
            reqwest::get(format!("{}/health", server.url)).await.ok()?.json().await.ok()?;
        health["sequence"].as_u64()
    };
    let refused = || {
        std::fs::read_to_string(mirror.directory().join("last-sync.json"))
            .is_ok_and(|last| last.contains("refuses the token"))
    };
    until("the first one is served", async || sequence().await == Some(1)).await;
    vendor.proxy.tamper_with("/latest", crate::tampering_proxy::Tampering::Status(401));
    until("a sync has failed", async || refused()).await;
    assert_eq!(sequence().await, Some(1));
    vendor.proxy.stop_tampering();
    vendor.publish("prod_p0", "2.0.0", 9, LENGTH).await;
    vendor.snapshot().await;
    until("the second one is served", async || sequence().await == Some(2)).await;
    assert!(server.terminated().await.success());
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_say_nothing_hold_nobody_up_and_are_sent_away() {
    let (vendor, _) = Vendor::with_files(0..1, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    mirror.synced().await;
    let server = Server::start(&mirror, &["--http"]).await;
    let address = server.url.trim_start_matches("http://").to_owned();
    let mut silent = Vec::new();
    for said in ["", "GET /health HTTP/1.1\r\nhost: "].iter().cycle().take(200) {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        silent.push(stream);
    }
    assert!(reqwest::get(format!("{}/health", server.url)).await.unwrap().status().is_success());
    for mut stream in silent {
        let mut rest = Vec::new();
        timeout(Duration::from_secs(20), stream.read_to_end(&mut rest))
            .await
            .expect("it is sent away")
            .unwrap();
    }
    vendor.leaves().await;
}
