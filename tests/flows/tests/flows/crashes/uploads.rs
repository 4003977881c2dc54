//! Uploads: what S3 holds and what the catalog says.

use futures::FutureExt;
use slipway_aws::Clients;
use slipway_domain::Sha256;
use slipway_storage::incoming;
use slipway_test_support::{Method, TestResponse, Value, World, file, finish_upload, json};

use super::{Action, Keys, OnRepeat, Scenario, play, text};
use crate::rows::Rows;

const LENGTH: usize = 100_000;

/// An upload whose bytes have arrived by its plain URL.
async fn arrived(world: &World, number: u64) -> Value {
    let (bytes, sha256) = file(number, LENGTH);
    let upload = world.initiate(bytes.len(), &sha256).await;
    assert_eq!(world.send(&upload["upload_url"], bytes).await, 200);
    upload
}

async fn arrived_checked(world: &World, number: u64) -> Value {
    let (bytes, sha256) = file(number, LENGTH);
    let upload = world.initiate(bytes.len(), &sha256).await;
    assert_eq!(world.send_checked(&upload["checked_upload"], bytes).await, 200);
    upload
}

/// An upload with bytes that are not the announced ones.
async fn arrived_wrong(world: &World, number: u64) -> Value {
    let upload = world.initiate(LENGTH, &file(number, LENGTH).1).await;
    assert_eq!(world.send(&upload["upload_url"], file(number + 1, LENGTH).0).await, 200);
    upload
}

/// An upload in parts, of which all have arrived.
async fn arrived_in_parts(world: &World, number: u64) -> Value {
    let (bytes, sha256) = file(number, LENGTH);
    let body = json!({ "size_bytes": bytes.len(), "sha256": sha256, "multipart": true });
    let upload = world.post("/v1/artifacts/uploads", body).await.expect(201);
    let wanted = json!({ "parts": [{ "part_number": 1, "sha256": sha256 }] });
    let path = format!("/v1/artifacts/uploads/{}/parts", text(&upload, "upload_id"));
    let parts = TestResponse::to(world.admin(Method::POST, &path).json(&wanted)).await.expect(200);
    assert_eq!(world.send_checked(&parts["urls"][0], bytes).await, 200);
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
    Action::FinishUpload(text(upload, "upload_id"))
}

const fn scenario(
    name: &'static str,
    prepare: for<'a> fn(&'a World, u64) -> futures::future::BoxFuture<'a, Action>,
) -> Scenario {
    Scenario { name, prepare, again: OnRepeat::Nothing }
}

fn initiate(world: &World, number: u64, multipart: bool) -> Action {
    let body =
        json!({ "size_bytes": LENGTH, "sha256": file(number, LENGTH).1, "multipart": multipart });
    Action::Call(world.call("upload-initiate", "/v1/artifacts/uploads").json(&body))
}

const INITIATE: Scenario = Scenario {
    again: OnRepeat::OnceMore,
    ..scenario("upload-initiate", |world, number| {
        async move { initiate(world, number, false) }.boxed()
    })
};

const INITIATE_IN_PARTS: Scenario = Scenario {
    again: OnRepeat::OnceMore,
    ..scenario("upload-initiate, in parts", |world, number| {
        async move { initiate(world, number, true) }.boxed()
    })
};

/// Makes sure that every artifact has its bytes, and that the job deletes whatever else has arrived
/// for uploads that have ended.
async fn s3_holds_what_the_catalog_says(world: &World) {
    let s3 = Clients::local(&world.stack.local).s3;
    let rows = Rows::of(world).await;
    for upload in rows.with("UPLOAD#", "").filter(|upload| upload["status"] != "pending") {
        finish_upload(&world.stack.services, &text(upload, "upload_id")).await.0.unwrap();
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
        scenario("upload-complete", |world, number| {
            async move { complete(world, &arrived(world, number).await) }.boxed()
        }),
        scenario("upload-complete, checked by S3", |world, number| {
            async move { complete(world, &arrived_checked(world, number).await) }.boxed()
        }),
        scenario("upload-complete, in parts", |world, number| {
            async move { complete(world, &arrived_in_parts(world, number).await) }.boxed()
        }),
        scenario("upload-complete, wrong bytes", |world, number| {
            async move { complete(world, &arrived_wrong(world, number).await) }.boxed()
        }),
        scenario("upload-abort", |world, number| {
            async move { abort(world, &arrived(world, number).await) }.boxed()
        }),
        scenario("upload-abort, in parts", |world, number| {
            async move { abort(world, &arrived_in_parts(world, number).await) }.boxed()
        }),
        scenario("finish-upload", |world, number| {
            async move { job(&arrived(world, number).await) }.boxed()
        }),
        scenario("finish-upload, checked by S3", |world, number| {
            async move { job(&arrived_checked(world, number).await) }.boxed()
        }),
        scenario("finish-upload, wrong bytes", |world, number| {
            async move { job(&arrived_wrong(world, number).await) }.boxed()
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
