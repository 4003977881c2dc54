//! Servers that can't be trusted, answer something else, or do not answer.

use super::{BUNDLE, LATEST, RefusalFixture};
use crate::certificates::Certificate;
use crate::mirror::Mirror;
use crate::tampering_proxy::Tampering;
use crate::vendor::Vendor;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_nobody_vouches_for() {
    let vendor = Vendor::with_tls(&Certificate::new()).await;
    vendor.snapshot().await;
    let mirror = Mirror::of(&vendor);
    mirror.sync(&[]).await.refused(30, "unreachable", "certificate");
    assert_eq!(vendor.proxy.requests(), 0);
    vendor.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_answer_as_it_should() {
    let scene = RefusalFixture::set().await;
    for (part, lie, exit, code, message) in [
        (LATEST, Tampering::Bytes(b"<html>".to_vec()), 25, "malformed", "is not JSON"),
        (LATEST, Tampering::Bytes(b"[]".to_vec()), 25, "malformed", "not a signed object"),
        ("/v1/keys", Tampering::Bytes(b"{}".to_vec()), 25, "malformed", "the origin's keys"),
        (LATEST, Tampering::Endless, 25, "malformed", "longer than"),
        (LATEST, Tampering::Status(401), 31, "unauthorized", "refuses the token"),
        (LATEST, Tampering::Status(404), 32, "not_there", "does not have it"),
        (BUNDLE, Tampering::Status(404), 32, "not_there", "does not have it"),
        ("/download", Tampering::Status(403), 31, "unauthorized", "does not hand out"),
        ("/s3/", Tampering::Status(410), 32, "not_there", "410"),
        (LATEST, Tampering::Status(418), 1, "other", "418"),
    ] {
        scene.told(part, lie).await.refused(exit, code, message);
    }
    scene.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_ill_or_silent_is_asked_five_times() {
    // An artifact takes keys, manifest and bundle first, and its address each time.
    tokio::join!(
        ill(LATEST, Tampering::Status(503), "503", 1 + 5),
        ill("/s3/", Tampering::Status(500), "500", 3 + 5 * 2),
        ill(LATEST, Tampering::Silence, "does not answer", 1 + 5)
    );
}

async fn ill(part: &str, lie: Tampering, message: &str, requests: usize) {
    let scene = RefusalFixture::set().await;
    let before = scene.vendor.proxy.requests();
    scene.told_with(part, lie, &["--timeout", "1s"]).await.refused(30, "unreachable", message);
    assert_eq!(scene.vendor.proxy.requests() - before, requests, "{message}");
    scene.ends_well().await;
}
