//! How uploads end: well, badly, twice, in parts, late and under attack.

mod parts;
mod steps;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use slipway_aws::Clients;
use slipway_catalog::AuditContext;
use slipway_domain::Sha256;
use slipway_storage::{incoming, served};
use slipway_test_support::{
    EventDelivery, Options, TestClock, Value, World, file, finish_upload, json,
};

use crate::rows::Rows;

const LENGTH: usize = 300_000;

/// A stack that carries out no job by itself, so that a test decides when.
async fn without_events() -> World {
    World::with(Options { events: EventDelivery::Disabled, ..Options::ephemeral() }).await
}

fn id(upload: &Value) -> String {
    upload["upload_id"].as_str().unwrap().to_owned()
}

/// Whether S3 has an object, and its entity tag.
async fn object(world: &World, key: &str) -> Option<String> {
    let s3 = Clients::local(&world.stack.local).s3;
    s3.head_object()
        .bucket(&world.stack.settings.bucket)
        .key(key)
        .send()
        .await
        .ok()
        .map(|head| head.e_tag.unwrap())
}

/// The bytes that S3 has under a key.
async fn bytes_of(world: &World, key: &str) -> Option<Vec<u8>> {
    let s3 = Clients::local(&world.stack.local).s3;
    let answer = s3.get_object().bucket(&world.stack.settings.bucket).key(key).send().await.ok()?;
    Some(answer.body.collect().await.unwrap().to_vec())
}

async fn incoming_object(world: &World, upload: &Value) -> Option<String> {
    object(world, &incoming(&id(upload).parse().unwrap())).await
}

async fn served_object(world: &World, sha256: &str) -> Option<String> {
    object(world, &served(&sha256.parse::<Sha256>().unwrap())).await
}

/// Waits until an upload's incoming object is deleted.
async fn tidied(world: &World, upload: &Value) {
    for _ in 0..200 {
        if incoming_object(world, upload).await.is_none() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the incoming object of {} is still there", id(upload));
}

fn complete_call(world: &World, upload: &Value) -> slipway_test_support::Call {
    world.call("upload-complete", format!("/v1/artifacts/uploads/{}/complete", id(upload)))
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_refuses_wrong_bytes_of_a_checked_upload_and_right_ones_are_not_read() {
    let world = without_events().await;
    let (bytes, sha256) = file(1, LENGTH);
    let upload = world.initiate(bytes.len(), &sha256).await;
    let checked = &upload["checked_upload"];
    assert_eq!(world.send_checked(checked, file(2, LENGTH).0).await, 400);
    assert!(matches!(world.send_checked(checked, bytes[1..].to_vec()).await, 400 | 403));
    assert_eq!(incoming_object(&world, &upload).await, None);

    assert_eq!(world.send_checked(checked, bytes.clone()).await, 200);
    let (answer, record) = complete_call(&world, &upload).on(&world.stack.services).await;
    assert_eq!(answer.body["status"], "available");
    assert_eq!((record.s3_read_bytes, record.s3_requests), (0, 2));
    assert!(world.download(&answer.body["artifact_id"]).await == bytes);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_bytes_fail_the_upload_and_touch_nothing_that_exists() {
    let world = without_events().await;
    let (bytes, sha256) = file(1, LENGTH);
    let first = world.initiate(bytes.len(), &sha256).await;
    assert_eq!(world.send(&first["upload_url"], bytes.clone()).await, 200);
    let artifact = world.complete(&first).await.expect(200)["artifact_id"].clone();
    let kept = served_object(&world, &sha256).await;

    let (wrong, wrong_sha256) = file(2, LENGTH);
    let upload = world.initiate(LENGTH, &sha256).await;
    assert_eq!(world.send(&upload["upload_url"], wrong).await, 200);
    let before = Rows::of(&world).await;
    // Saying it again is answered the same.
    for _ in 0..2 {
        let answer = world.complete(&upload).await;
        answer.refused(409, "checksum_mismatch", None);
        let expected = json!({
            "reason": "checksum_mismatch", "expected_size_bytes": LENGTH, "actual_size_bytes": LENGTH, "expected_sha256": sha256, "actual_sha256": wrong_sha256,
        });
        assert_eq!(answer.body["error"]["details"], expected);
    }
    let view = world.upload(&upload).await;
    assert_eq!((&view["status"], &view["artifact_id"]), (&json!("failed"), &json!(null)));
    assert_eq!(view["failure"]["actual_sha256"], wrong_sha256);
    assert_eq!(incoming_object(&world, &upload).await, None);
    // The upload's own row and an audit event: no artifact.
    assert_eq!(
        Rows::of(&world).await.since(&before),
        [("+AUDIT".to_owned(), 1), ("~UPLOAD/UPLOAD".to_owned(), 1)].into()
    );
    assert_eq!(served_object(&world, &sha256).await, kept);
    assert_eq!(served_object(&world, &wrong_sha256).await, None);
    assert!(world.download(&artifact).await == bytes);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_of_the_wrong_length_are_refused_without_being_read() {
    let world = without_events().await;
    let (bytes, sha256) = file(1, LENGTH);
    let upload = world.initiate(LENGTH, &sha256).await;
    assert_eq!(world.send(&upload["upload_url"], bytes[1..].to_vec()).await, 200);
    let (answer, record) = complete_call(&world, &upload).on(&world.stack.services).await;
    assert_eq!((answer.status, record.s3_read_bytes), (409, 0));
    let details = &answer.body["error"]["details"];
    assert_eq!(
        (&details["expected_size_bytes"], &details["actual_size_bytes"]),
        (&json!(LENGTH), &json!(LENGTH - 1))
    );
    assert_eq!(incoming_object(&world, &upload).await, None);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_bytes_fail_through_the_event_alone_too() {
    let world = World::start().await;
    let upload = world.initiate(LENGTH, &file(1, LENGTH).1).await;
    assert_eq!(world.send(&upload["upload_url"], file(2, LENGTH).0).await, 200);
    assert_eq!(world.ended(&upload).await["status"], "failed");
    tidied(&world, &upload).await;
    world.complete(&upload).await.refused(409, "checksum_mismatch", None);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_put_to_an_old_url_changes_nothing_that_is_served() {
    let world = World::start().await;
    let (bytes, sha256) = file(1, LENGTH);
    let upload = world.initiate(LENGTH, &sha256).await;
    assert_eq!(world.send(&upload["upload_url"], bytes.clone()).await, 200);
    let artifact = world.complete(&upload).await.expect(200)["artifact_id"].clone();
    tidied(&world, &upload).await;
    let (view, kept) = (world.upload(&upload).await, served_object(&world, &sha256).await);

    // The URL itself works for an hour: S3 knows nothing of uploads.
    assert_eq!(world.send(&upload["upload_url"], file(2, LENGTH).0).await, 200);
    tidied(&world, &upload).await;
    assert_eq!(world.complete(&upload).await.expect(200), view);
    assert_eq!(world.upload(&upload).await, view);
    assert_eq!(served_object(&world, &sha256).await, kept);
    assert!(world.download(&artifact).await == bytes);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_uploaded_twice_are_stored_once() {
    let world = without_events().await;
    let (bytes, sha256) = file(1, LENGTH);
    let mut artifacts = Vec::new();
    for _ in 0..2 {
        let upload = world.initiate(LENGTH, &sha256).await;
        assert_eq!(world.send(&upload["upload_url"], bytes.clone()).await, 200);
        artifacts.push(world.complete(&upload).await.expect(200)["artifact_id"].clone());
        finish_upload(&world.stack.services, &id(&upload)).await.0.unwrap();
    }
    assert_ne!(artifacts[0], artifacts[1]);
    let s3 = Clients::local(&world.stack.local).s3;
    let objects = s3.list_objects_v2().bucket(&world.stack.settings.bucket).send().await.unwrap();
    let keys: Vec<_> = objects.contents().iter().map(|object| object.key().unwrap()).collect();
    assert_eq!(keys, [served(&sha256.parse().unwrap())]);
    for artifact in artifacts {
        assert!(world.download(&artifact).await == bytes);
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_can_be_completed_when_its_bytes_are_there_and_not_before() {
    let world = without_events().await;
    let (bytes, sha256) = file(1, LENGTH);
    let upload = world.initiate(LENGTH, &sha256).await;
    world.complete(&upload).await.refused(409, "upload_incomplete", None);
    assert_eq!(world.upload(&upload).await["status"], "pending");
    assert_eq!(world.send(&upload["upload_url"], bytes).await, 200);

    // Another checksum than the announced one is a slip of the client's: it can say it again.
    let path = format!("/v1/artifacts/uploads/{}/complete", id(&upload));
    world.post(&path, json!({ "checksum": file(2, 10).1 })).await.refused(
        409,
        "checksum_mismatch",
        Some("checksum"),
    );
    let view = world.post(&path, json!({ "checksum": sha256.to_uppercase() })).await.expect(200);
    assert_eq!(view["status"], "available");
    assert_eq!(world.complete(&upload).await.expect(200), view);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_bytes_did_not_come_in_time_has_expired() {
    let test_clock = TestClock::default();
    let world = World::on(&test_clock).await;
    let upload = world.initiate(LENGTH, &file(1, LENGTH).1).await;
    test_clock.advance(SignedDuration::from_secs(3599));
    world.complete(&upload).await.refused(409, "upload_incomplete", None);
    test_clock.advance(SignedDuration::from_secs(1));
    assert_eq!(world.upload(&upload).await["status"], "expired");
    world.complete(&upload).await.refused(409, "upload_expired", None);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aborted_upload_takes_no_more_bytes() {
    let world = World::start().await;
    let (bytes, sha256) = file(1, LENGTH);
    let upload = world.initiate(LENGTH, &sha256).await;
    let path = format!("/v1/artifacts/uploads/{}", id(&upload));
    // Aborting it again is answered the same.
    for _ in 0..2 {
        assert_eq!(world.delete(&path).await.status, 204);
    }
    assert_eq!(world.send(&upload["upload_url"], bytes).await, 200);
    tidied(&world, &upload).await;
    assert_eq!(world.upload(&upload).await["status"], "aborted");
    world.complete(&upload).await.refused(409, "stale_state", None);
    assert_eq!(served_object(&world, &sha256).await, None);
    world.stack.stop().await;
}

#[tokio::test]
async fn a_verdict_that_comes_after_the_end_changes_nothing() {
    let world = World::start().await;
    let (_, sha256) = file(1, LENGTH);
    let upload = world.initiate(LENGTH, &sha256).await;
    assert_eq!(world.delete(&format!("/v1/artifacts/uploads/{}", id(&upload))).await.status, 204);
    // A run that was hashing when the upload was aborted has seen the aborted row, and names its
    // revision.
    let catalog = world.catalog();
    let aborted = catalog.get_upload(&id(&upload).parse().unwrap()).await.unwrap();
    let event_id = "evt_late".parse().unwrap();
    let audit = AuditContext::new(Timestamp::now(), "test", "test", event_id);
    assert_eq!(catalog.complete_upload(aborted.clone(), &audit).await.unwrap(), aborted);
    assert_eq!(world.upload(&upload).await["status"], "aborted");
    assert_eq!(
        world.get(&format!("/v1/artifacts?sha256={sha256}")).await.expect(200)["artifacts"],
        json!([])
    );
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_who_finish_one_upload_find_one_result() {
    // The event takes part.
    let world = World::start().await;
    for round in 0..5 {
        let (bytes, sha256) = file(round, LENGTH);
        let upload = world.initiate(LENGTH, &sha256).await;
        assert_eq!(world.send(&upload["upload_url"], bytes.clone()).await, 200);
        let before = Rows::of(&world).await;
        let jobs = async { finish_upload(&world.stack.services, &id(&upload)).await.0.unwrap() };
        let (answers, ()) = tokio::join!(join_all((0..8).map(|_| world.complete(&upload))), jobs);
        let view = answers[0].clone().expect(200);
        assert!(
            answers.iter().all(|answer| answer.status == 200 && answer.body == view),
            "{answers:?}"
        );
        let artifact = view["artifact_id"].as_str().unwrap();
        let rows = Rows::of(&world).await;
        assert_eq!(rows.audited("upload.verified", artifact), 1);
        assert_eq!(rows.with(&format!("ARTIFACT#{artifact}"), "ARTIFACT").count(), 1);
        assert!(!rows.since(&before).contains_key("+UPLOAD/UPLOAD"));
        assert!(world.download(&view["artifact_id"]).await == bytes);
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_replaced_during_verification_are_never_served() {
    let world = World::start().await;
    let (mut served_well, mut failed) = (0, 0);
    for round in 0..12 {
        let (right, sha256) = file(round, LENGTH);
        let wrong = file(round + 1000, LENGTH).0;
        let upload = world.initiate(LENGTH, &sha256).await;
        assert_eq!(world.send(&upload["upload_url"], right.clone()).await, 200);
        let replace = async {
            for _ in 0..6 {
                world.send(&upload["upload_url"], wrong.clone()).await;
                world.send(&upload["upload_url"], right.clone()).await;
            }
        };
        tokio::join!(replace, join_all((0..3).map(|_| complete_until_ended(&world, &upload))));
        let view = world.ended(&upload).await;
        if view["status"] == "available" {
            assert!(world.download(&view["artifact_id"]).await == right);
            served_well += 1;
        } else {
            assert_eq!(view["status"], "failed");
            failed += 1;
        }
        // Whatever came of it: under this digest there are these bytes or none.
        let kept = bytes_of(&world, &served(&sha256.parse().unwrap())).await;
        assert!(kept.is_none_or(|kept| kept == right));
    }
    println!("{served_well} uploads were served with the right bytes, {failed} failed");
    world.stack.stop().await;
}

/// Completes an upload until it has ended: contention is an answer too.
async fn complete_until_ended(world: &World, upload: &Value) {
    while matches!(
        world.complete(upload).await.body["error"]["code"].as_str(),
        Some("contention" | "upload_incomplete")
    ) {}
}

#[tokio::test]
async fn headers_that_an_uploader_sends_along_are_not_served() {
    let world = World::start().await;
    let (bytes, sha256) = file(77, 1000);
    let upload = world.initiate(bytes.len(), &sha256).await;
    let put = world
        .http()
        .put(upload["upload_url"].as_str().unwrap())
        .header("content-encoding", "gzip")
        .header("cache-control", "max-age=1");
    put.body(bytes.clone()).send().await.unwrap().error_for_status().unwrap();
    let artifact =
        world.complete(&upload).await.expect(200)["artifact_id"].as_str().unwrap().to_owned();
    let location = world.get(&format!("/v1/artifacts/{artifact}/download")).await;
    let served = world
        .http()
        .get(location.header("location").unwrap())
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    assert_eq!(
        (served.headers().get("content-encoding"), served.headers().get("cache-control")),
        (None, None)
    );
    assert_eq!(served.bytes().await.unwrap(), bytes);
}
