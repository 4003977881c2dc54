//! Servers that are never silent and never get done: a sync and its lock come to an end all the
//! same.

use std::time::Duration;

use tokio::time::Instant;

use crate::mirror::Mirror;
use crate::tampering_proxy::Tampering;
use crate::vendor::Vendor;

const LENGTH: usize = 50_000;

/// A byte each tenth of a second.
fn trickle() -> Tampering {
    Tampering::Trickle(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_that_trickles_is_given_up_and_the_others_come() {
    let (vendor, files) = Vendor::with_files(0..3, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    let (slow, others) = files.split_last().unwrap();
    vendor.proxy.tamper_with(&slow.sha256, trickle());
    let start = Instant::now();
    let ran = mirror.sync(&["--timeout", "1s", "--min-speed", "1000"]).await;
    ran.refused(30, "unreachable", "at least 1000 are needed");
    // Five attempts of a second, and pauses of 7.5 seconds together.
    assert!(start.elapsed() < Duration::from_mins(1), "{:?}", start.elapsed());
    let missing = ran.json["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(missing[0]["sha256"], *slow.sha256);
    assert!(others.iter().all(|file| mirror.blob(&file.sha256).exists()));
    vendor.proxy.stop_tampering();
    assert_eq!(mirror.synced().await["artifacts_fetched"], 1, "what came is kept");
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_that_comes_in_a_thousand_tiny_pieces_is_no_progress() {
    let (vendor, _) = Vendor::with_files(0..1, LENGTH).await;
    let mirror = Mirror::of(&vendor);
    vendor.proxy.tamper_with("/s3/", Tampering::BreaksAfter(1));
    let before = vendor.proxy.requests();
    mirror.sync(&[]).await.refused(19, "truncated", "5 of 50000 bytes");
    assert_eq!(vendor.proxy.requests() - before, 3 + 5 * 2, "five attempts, a byte each");
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_trickles_is_given_up_however_fast_it_trickles() {
    tokio::join!(
        given_up("/v1/keys", trickle(), &["--min-speed", "1000"], "at least 1000 are needed"),
        given_up("/latest", Tampering::Trickle(500), &[], "within 3s, all attempts together"),
        given_up("/bundle", Tampering::Trickle(500), &[], "within 3s, all attempts together"),
    );
}

async fn given_up(part: &str, tampering: Tampering, more: &[&str], message: &str) {
    let (vendor, _) = Vendor::with_files(0..1, 1000).await;
    let mirror = Mirror::of(&vendor);
    vendor.proxy.tamper_with(part, tampering);
    let start = Instant::now();
    let limits = if more.is_empty() { &["--document-timeout", "3s"][..] } else { more };
    let ran = mirror.sync(&[&["--timeout", "1s"], limits].concat()).await;
    ran.refused(30, "unreachable", message);
    assert!(start.elapsed() < Duration::from_mins(1), "{part}: {:?}", start.elapsed());
    // The lock is free again.
    vendor.proxy.stop_tampering();
    mirror.synced().await;
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_deliver_is_not_asked_for_each_of_its_artifacts() {
    let (vendor, _) = Vendor::with_files(0..6, 1000).await;
    let mirror = Mirror::of(&vendor);
    vendor.proxy.tamper_with("/s3/", Tampering::Status(503));
    let before = vendor.proxy.requests();
    let ran = mirror.sync(&["--parallel", "1"]).await;
    ran.refused(30, "unreachable", "6 of 6 artifacts can't be fetched");
    assert_eq!(vendor.proxy.requests() - before, 3 + 2 * 5 * 2, "two artifacts, five times each");
    let last = ran.json["missing"][5]["message"].as_str().unwrap();
    assert!(last.contains("is not asked again in this sync"), "{last}");
    vendor.proxy.stop_tampering();
    assert_eq!(mirror.synced().await["artifacts_fetched"], 6);
    vendor.leaves().await;
}
