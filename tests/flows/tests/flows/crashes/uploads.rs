//! Uploads: what S3 holds and what the catalog says.

use futures::FutureExt;
use slipway_aws::Clients;
use slipway_domain::Sha256;
use slipway_storage::incoming;
use slipway_test_support::{Value, World, file, finish_upload, json, text};

use super::{Action, Keys, OnRepeat, Scenario, play};
use crate::rows::Rows;

const LENGTH: usize = 100_000;
/// Two ranges: two steps of the job.
const TWO_STEPS: usize = (8 << 20) + 1;

/// An upload with bytes that are not the announced ones.
async fn arrived_wrong(world: &World, number: u64) -> Value {
    let upload = world.initiate(LENGTH, &file(number, LENGTH).1).await;
    assert_eq!(world.send(&upload["upload_url"], file(number + 1, LENGTH).0).await, 200);
    upload
}

fn complete(world: &World, upload: &Value) -> Action {
    Action::Call(world.call(
        "upload-complete",
        format!("/v1/artifacts/uploads/{}/complete", text(upload, "upload_id")),
    ))
}

fn abort(world: &World, upload: &Value) -> Action {
    Action::Call(
        world.call("upload-abort", format!("/v1/artifacts/uploads/{}", text(upload, "upload_id"))),
    )
}

fn job(upload: &Value) -> Action {
    Action::FinishUpload(text(upload, "upload_id").to_owned())
}

/// The job in an invocation that has no time for more than one range.
fn step(upload: &Value) -> Action {
    Action::Job("finish-upload", json!({ "upload_id": text(upload, "upload_id") }))
}

fn initiate(world: &World, number: u64, multipart: bool) -> Action {
    let body =
        json!({ "size_bytes": LENGTH, "sha256": file(number, LENGTH).1, "multipart": multipart });
    Action::Call(world.call("upload-initiate", "/v1/artifacts/uploads").json(&body))
}

const INITIATE: Scenario = Scenario::new("upload-initiate", |world, number| {
    async move { initiate(world, number, false) }.boxed()
})
.again(OnRepeat::OnceMore);

const INITIATE_IN_PARTS: Scenario = Scenario::new("upload-initiate, in parts", |world, number| {
    async move { initiate(world, number, true) }.boxed()
})
.again(OnRepeat::OnceMore);

/// Makes sure that every artifact has its bytes, and that the job deletes whatever else has arrived
/// for uploads that have ended.
async fn s3_holds_what_the_catalog_says(world: &World) {
    let s3 = Clients::local(&world.stack.local).s3;
    let rows = Rows::of(world).await;
    for upload in rows.with("UPLOAD#", "").filter(|upload| upload["status"] != "pending") {
        finish_upload(&world.stack.services, text(upload, "upload_id")).await.0.unwrap();
        let key = incoming(&text(upload, "upload_id").parse().unwrap());
        assert!(
            s3.head_object().bucket(&world.stack.settings.bucket).key(key).send().await.is_err(),
            "{upload:#}"
        );
        if upload["status"] == "available" {
            let bytes = world.download(&upload["artifact_id"]).await;
            assert_eq!(Sha256::of(&bytes).to_string(), text(upload, "sha256"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_uploads_old_or_new() {
    let scenarios = [
        INITIATE,
        INITIATE_IN_PARTS,
        Scenario::new("upload-complete", |world, number| {
            async move { complete(world, &world.arrived(number, LENGTH).await) }.boxed()
        }),
        Scenario::new("upload-complete, checked by S3", |world, number| {
            async move { complete(world, &world.arrived_checked(number, LENGTH).await) }.boxed()
        }),
        Scenario::new("upload-complete, in parts", |world, number| {
            async move { complete(world, &world.arrived_in_parts(number, LENGTH).await) }.boxed()
        }),
        Scenario::new("upload-complete, wrong bytes", |world, number| {
            async move { complete(world, &arrived_wrong(world, number).await) }.boxed()
        }),
        Scenario::new("upload-abort", |world, number| {
            async move { abort(world, &world.arrived(number, LENGTH).await) }.boxed()
        }),
        Scenario::new("upload-abort, in parts", |world, number| {
            async move { abort(world, &world.arrived_in_parts(number, LENGTH).await) }.boxed()
        }),
        Scenario::new("finish-upload", |world, number| {
            async move { job(&world.arrived(number, LENGTH).await) }.boxed()
        }),
        Scenario::new("finish-upload, checked by S3", |world, number| {
            async move { job(&world.arrived_checked(number, LENGTH).await) }.boxed()
        }),
        Scenario::new("finish-upload, wrong bytes", |world, number| {
            async move { job(&arrived_wrong(world, number).await) }.boxed()
        }),
        Scenario::new("finish-upload, the last step", |world, number| {
            async move {
                let upload = world.arrived(number, TWO_STEPS).await;
                let first = step(&upload);
                first.on(&world.stack.services).await;
                first
            }
            .boxed()
        }),
    ];
    let world = play(&scenarios, Keys::None, 140).await;
    s3_holds_what_the_catalog_says(&world).await;
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_leaves_uploads_old_or_new_with_an_idempotency_key_too() {
    play(&[INITIATE, INITIATE_IN_PARTS], Keys::Sent, 15).await.stack.stop().await;
}
