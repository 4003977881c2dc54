//! Large uploads are verified in steps, one invocation each, and somebody goes on with those that
//! rest.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use slipway_aws::{Clients, Meter};
use slipway_catalog::{AuditContext, ProgressRecord};
use slipway_domain::upload::{HashCheckpoint, PartCopy, UploadStatus, VerificationProgress};
use slipway_edge::Services;
use slipway_edge::clock::Clock;
use slipway_edge::telemetry::LogRecord;
use slipway_storage::{
    Bucket, CopyLimits, CopyOutcome, StoreTraits, UploadVerifier, VerificationStep,
};
use slipway_test_support::{
    EventDelivery, Options, TestClock, Value, World, file, finish_upload, json, perform,
    perform_until,
};

use super::{bytes_of, id, incoming_object, served, without_events};
use crate::rows::Rows;

const MIB: usize = 1 << 20;
/// S3 with limits for copies that a test can reach.
const SMALL_COPIES: StoreTraits =
    StoreTraits { copy_limits: CopyLimits { single: 8 << 20, part: 5 << 20 }, ..StoreTraits::AWS };
/// An object of five ranges, the last one short.
const LENGTH: usize = 33 * MIB;

/// The job in an invocation that has no time for more than one range.
async fn step(world: &World, upload: &Value) -> LogRecord {
    let event = json!({ "upload_id": id(upload) });
    let services = &world.stack.services;
    let (outcome, record) =
        perform_until(services, "finish-upload", event, Timestamp::UNIX_EPOCH).await;
    outcome.unwrap();
    record
}

async fn sweep(world: &World) -> LogRecord {
    let (outcome, record) =
        perform(&world.stack.services, "sweep-uploads", json!({ "source": "aws.events" })).await;
    outcome.unwrap();
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_goes_on_where_the_one_before_has_ended_and_starts_the_next() {
    let world = without_events().await;
    let upload = world.arrived(1, LENGTH).await;
    for done in 1..5 {
        let record = step(&world, &upload).await;
        assert_eq!((record.s3_read_bytes, record.lambda_requests), (8 << 20, 1));
        let view = world.upload(&upload).await;
        assert_eq!(
            (&view["status"], &view["bytes_verified"]),
            (&json!("verifying"), &json!(done * (8 << 20)))
        );
    }
    let record = step(&world, &upload).await;
    assert_eq!((record.s3_read_bytes, record.lambda_requests), (1 << 20, 0));
    let view = world.upload(&upload).await;
    assert_eq!(view["status"], "available");
    assert!(world.download(&view["artifact_id"]).await == file(1, LENGTH).0);
    assert_eq!(incoming_object(&world, &upload).await, None);
    world.stack.stop().await;
}

/// A clock that leaps ahead by ten minutes whenever it is asked, once it was told to: an invocation
/// of fifteen minutes is over before it has begun.
fn leaping_clock() -> (Clock, Arc<AtomicBool>) {
    let (leaping, ahead) = (Arc::new(AtomicBool::new(false)), AtomicI64::new(0));
    let told = Arc::clone(&leaping);
    let clock = Clock::new(move || {
        let leap = if told.load(Ordering::SeqCst) { 600 } else { 0 };
        let seconds = ahead.fetch_add(leap, Ordering::SeqCst);
        Timestamp::now() + SignedDuration::from_secs(seconds)
    });
    (clock, leaping)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_takes_longer_than_an_invocation_ends_by_itself() {
    let (clock, leaping) = leaping_clock();
    let world = World::with(Options { clock, ..Options::ephemeral() }).await;
    let (bytes, sha256) = file(1, LENGTH);
    let upload = world.initiate(LENGTH, &sha256).await;
    leaping.store(true, Ordering::SeqCst);
    assert_eq!(world.send(&upload["upload_url"], bytes.clone()).await, 200);
    // Its time is over by this clock before it is seen to be verified.
    let artifact = loop {
        let view = world.upload(&upload).await;
        if view["status"] == "available" {
            break view["artifact_id"].clone();
        }
        assert_ne!(view["status"], "failed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(world.download(&artifact).await == bytes);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_wait_when_the_stack_stops_are_delivered_when_it_starts_again() {
    let directory = tempfile::tempdir().unwrap();
    let on_disk = |events| Options {
        data: Some(directory.path().to_owned()),
        events,
        ..Options::ephemeral()
    };
    let world = World::with(on_disk(EventDelivery::Disabled)).await;
    let upload = world.arrived(1, LENGTH).await;
    assert_eq!(step(&world, &upload).await.lambda_requests, 1);
    // S3's own event is out of the way: only the message can go on.
    let arrived = world.upload(&upload).await;
    assert_eq!(arrived["status"], "verifying");
    world.stack.stop().await;
    let world = World::with(on_disk(EventDelivery::Enabled)).await;
    assert_eq!(world.ended(&upload).await["status"], "available");
    world.stack.stop().await;
}

fn hashed(bytes: u64, at: Timestamp) -> VerificationProgress {
    let checkpoint =
        HashCheckpoint { etag: "\"1\"".to_owned(), bytes, state: "AAECAw==".to_owned() };
    VerificationProgress { recorded_at: Some(at), checkpoint: Some(checkpoint), copy: None }
}

#[tokio::test]
async fn of_two_runs_the_one_that_is_behind_gives_up() {
    let world = without_events().await;
    let upload = world.arrived(1, 1000).await;
    let catalog = world.catalog();
    let seen = catalog.get_upload(&id(&upload).parse().unwrap()).await.unwrap();
    let mut now = Timestamp::now();
    let mut record = |bytes| {
        let (catalog, seen) = (&catalog, &seen);
        now += SignedDuration::from_millis(1);
        async move { catalog.record_upload_progress(seen, hashed(bytes, now)).await.unwrap() }
    };
    let ProgressRecord::Recorded(first) = record(16).await else { panic!() };
    // The others have seen the upload before that.
    assert_eq!(record(8).await, ProgressRecord::Overtaken(first.clone()));
    assert_eq!(record(16).await, ProgressRecord::Overtaken(first));
    let ProgressRecord::Recorded(ahead) = record(24).await else { panic!() };
    assert_eq!(ahead.value.progress.checkpoint.map(|checkpoint| checkpoint.bytes), Some(24));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_rests_is_gone_on_with_after_half_an_hour() {
    let test_clock = TestClock::default();
    let world = World::without_events_on(&test_clock).await;
    let upload = world.arrived(1, LENGTH).await;
    step(&world, &upload).await;
    test_clock.advance(SignedDuration::from_mins(29));
    assert_eq!(sweep(&world).await.lambda_requests, 0);
    test_clock.advance(SignedDuration::from_mins(2));
    assert_eq!(sweep(&world).await.lambda_requests, 1);
    // Progress is what counts, not what was started.
    assert_eq!(sweep(&world).await.lambda_requests, 1);
    step(&world, &upload).await;
    assert_eq!(sweep(&world).await.lambda_requests, 0);
    finish_upload(&world.stack.services, &id(&upload)).await.0.unwrap();
    test_clock.advance(SignedDuration::from_hours(1));
    assert_eq!(sweep(&world).await.lambda_requests, 0);
    world.stack.stop().await;
}

/// The services of functions that don't reach S3.
fn without_s3(world: &World, test_clock: &TestClock) -> Arc<Services> {
    let nowhere = slipway_aws::Local {
        s3_url: "http://127.0.0.1:9".to_owned(),
        s3_public_url: None,
        ..world.stack.local.clone()
    };
    Services::new(&world.stack.settings, &Clients::local(&nowhere), test_clock.clock())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_rests_for_a_day_fails_and_says_why() {
    let test_clock = TestClock::default();
    let world = World::without_events_on(&test_clock).await;
    let upload = world.arrived(1, 1000).await;
    let broken = without_s3(&world, &test_clock);
    for _ in 0..3 {
        assert!(finish_upload(&broken, &id(&upload)).await.0.is_err());
    }
    assert_eq!(world.upload(&upload).await["status"], "verifying");
    test_clock.advance(SignedDuration::from_hours(24) - SignedDuration::from_secs(60));
    assert_eq!(sweep(&world).await.lambda_requests, 1);
    test_clock.advance(SignedDuration::from_secs(120));
    let before = Rows::of(&world).await;
    assert_eq!(sweep(&world).await.lambda_requests, 0);
    assert_eq!(
        Rows::of(&world).await.since(&before),
        [("+AUDIT".to_owned(), 1), ("~UPLOAD/UPLOAD".to_owned(), 1)].into()
    );
    let view = world.upload(&upload).await;
    assert_eq!(
        (&view["status"], &view["failure"]["reason"], &view["failure"]["actual_size_bytes"]),
        (&json!("failed"), &json!("verification_stalled"), &json!(null))
    );
    assert_eq!(incoming_object(&world, &upload).await, None);
    let refused = world.complete(&upload).await;
    refused.refused(409, "stale_state", None);
    assert!(refused.body["error"]["message"].as_str().unwrap().contains("initiate a new upload"));
    // What has ended is nobody's business any more.
    assert_eq!(sweep(&world).await.dynamodb_requests, 1);
    world.stack.stop().await;
}

#[tokio::test]
async fn an_upload_that_makes_progress_at_the_last_moment_does_not_fail() {
    let world = without_events().await;
    let upload = world.arrived(1, 1000).await;
    let catalog = world.catalog();
    let upload = catalog.get_upload(&id(&upload).parse().unwrap()).await.unwrap();
    let (then, now) = (Timestamp::now() - SignedDuration::from_hours(25), Timestamp::now());
    let ProgressRecord::Recorded(seen) =
        catalog.record_upload_progress(&upload, hashed(8, then)).await.unwrap()
    else {
        panic!()
    };
    let failure = seen.value.stalled_at(now).unwrap();
    let ProgressRecord::Recorded(moved) =
        catalog.record_upload_progress(&seen, hashed(16, now)).await.unwrap()
    else {
        panic!()
    };
    let audit = AuditContext::new(now, "test", "test", "evt_late".parse().unwrap());
    let left = catalog.fail_stalled_upload(seen, failure, &audit).await.unwrap();
    assert_eq!(left, moved);
    assert_eq!(left.value.status, UploadStatus::Verifying);
    world.stack.stop().await;
}

/// A step of a copy that is over at once, and records nothing but what it was told last.
#[derive(Default)]
struct ShortStep {
    copy: Option<PartCopy>,
}

impl VerificationStep for ShortStep {
    fn is_over(&self) -> bool {
        true
    }

    async fn record_hashed(
        &mut self,
        _: HashCheckpoint,
    ) -> slipway_domain::Result<ControlFlow<()>> {
        Ok(ControlFlow::Continue(()))
    }

    async fn record_copying(&mut self, copy: PartCopy) -> slipway_domain::Result<ControlFlow<()>> {
        self.copy = Some(copy);
        Ok(ControlFlow::Continue(()))
    }
}

/// How many multipart uploads S3 has open.
async fn open_multipart_uploads(world: &World) -> BTreeSet<String> {
    let s3 = Clients::local(&world.stack.local).s3;
    let bucket = &world.stack.settings.bucket;
    let found = s3.list_multipart_uploads().bucket(bucket).send().await.unwrap();
    found.uploads().iter().map(|upload| upload.upload_id().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_in_parts_goes_on_with_the_parts_that_are_missing() {
    let world = without_events().await;
    // Ten parts of 5 MiB, the smallest that S3 puts together, and a rest.
    let length = 51 * MIB;
    let (bytes, sha256) = file(1, length);
    let arrived = world.arrived(1, length).await;
    let bucket = |meter: &Meter| {
        let s3 = Clients::local(&world.stack.local).s3;
        Bucket::new(s3, &world.stack.settings.bucket, meter.clone()).with_traits(SMALL_COPIES)
    };
    let mut upload =
        world.catalog().get_upload(&id(&arrived).parse().unwrap()).await.unwrap().value;
    let mut copy = async |expected, requests| {
        let (meter, mut step) = (Meter::default(), ShortStep::default());
        let verifier = UploadVerifier::new(bucket(&meter));
        let object = verifier.uploaded_object(&upload).await.unwrap().unwrap();
        let outcome = verifier.copy_verified(&upload, &object, &mut step).await.unwrap();
        assert_eq!((outcome, meter.cost().s3_requests), (expected, requests));
        upload.progress.copy = step.copy.or(upload.progress.copy.take());
    };
    // Besides the head and the list: the multipart upload, and eight parts.
    copy(CopyOutcome::Paused, 2 + 1 + 8).await;
    // The parts that are there, the three that are missing, and the end.
    copy(CopyOutcome::Copied, 2 + 1 + 3 + 1).await;
    assert!(bytes_of(&world, &served(&sha256.parse().unwrap())).await.unwrap() == bytes);
    // A run that has died after the copy is made up for by looking.
    copy(CopyOutcome::Copied, 2).await;
    assert_eq!(open_multipart_uploads(&world).await, BTreeSet::new());
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_bytes_that_were_replaced_meanwhile_leaves_nothing_behind() {
    let world = without_events().await;
    let length = 51 * MIB;
    let (_, sha256) = file(1, length);
    let arrived = world.arrived(1, length).await;
    let s3 = Clients::local(&world.stack.local).s3;
    let bucket =
        Bucket::new(s3, &world.stack.settings.bucket, Meter::default()).with_traits(SMALL_COPIES);
    let verifier = UploadVerifier::new(bucket);
    let mut upload =
        world.catalog().get_upload(&id(&arrived).parse().unwrap()).await.unwrap().value;
    let object = verifier.uploaded_object(&upload).await.unwrap().unwrap();
    let mut step = ShortStep::default();
    let outcome = verifier.copy_verified(&upload, &object, &mut step).await.unwrap();
    assert_eq!(outcome, CopyOutcome::Paused);
    assert_eq!(open_multipart_uploads(&world).await.len(), 1);
    upload.progress.copy = step.copy.take();
    assert_eq!(world.send(&arrived["upload_url"], file(2, length).0).await, 200);
    let outcome = verifier.copy_verified(&upload, &object, &mut step).await.unwrap();
    assert_eq!(outcome, CopyOutcome::SourceChanged);
    assert_eq!(open_multipart_uploads(&world).await, BTreeSet::new());
    assert_eq!(bytes_of(&world, &served(&sha256.parse().unwrap())).await, None);
    world.stack.stop().await;
}
