//! Uploads for releases: bytes that are replaced, registered by several at once, left to the job,
//! or never registered.

use std::time::Duration;

use futures::future::join_all;
use slipway_aws::Clients;
use slipway_domain::{Sha256, UploadId};
use slipway_storage::{incoming, served};
use slipway_test_support::{
    EventDelivery, Options, Value, World, artifact_of, file, finish_upload, json, registration,
};

use crate::audit::found_by::{each_is_found_by_what_it_is_of, file_is_of};
use crate::audit::log;

const LENGTH: usize = 300_000;
/// One byte more than a request verifies.
const LARGE: usize = (256 << 20) + 1;

fn upload_of(presigned: &Value) -> UploadId {
    let uuid = presigned["artifact_id"].as_str().unwrap();
    format!("upl_{}", uuid.replace('-', "")).parse().unwrap()
}

async fn object(world: &World, key: &str) -> Option<Vec<u8>> {
    let s3 = Clients::local(&world.stack.local).s3;
    let answer = s3.get_object().bucket(&world.stack.settings.bucket).key(key).send().await.ok()?;
    Some(answer.body.collect().await.unwrap().to_vec())
}

async fn draft(world: &World, version: &str) -> Value {
    world.draft("prod_app", version).await
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_are_replaced_while_they_are_registered_are_never_served() {
    let world = World::start().await;
    world.product("prod_app").await;
    let (mut served_well, mut refused) = (0, 0);
    for round in 0..12 {
        let draft = draft(&world, &format!("{round}.0.0")).await;
        let (right, sha256) = file(round, LENGTH);
        let wrong = file(round + 1000, LENGTH).0;
        let (presigned, registration) = world.sent(&draft, round, LENGTH).await;
        let replace = async {
            for _ in 0..6 {
                world.send(&presigned["upload_url"], wrong.clone()).await;
                world.send(&presigned["upload_url"], right.clone()).await;
            }
        };
        let register = async || world.register(&draft, &registration).await;
        let ((), answers) = tokio::join!(replace, join_all((0..3).map(|_| register())));
        let registered = answers.iter().filter(|answer| answer.status == 200).count();
        assert!(registered <= 1, "{answers:?}");
        if registered == 1 {
            assert!(world.download(&artifact_of(&presigned["artifact_id"])).await == right);
            served_well += 1;
        } else {
            let codes = ["checksum_mismatch", "contention", "artifact_exists"];
            let code = |answer: &Value| answer["error"]["code"].as_str().unwrap().to_owned();
            assert!(answers.iter().all(|one| codes.contains(&code(&one.body).as_str())));
            refused += 1;
        }
        // Whatever came of it: under this digest there are these bytes or none.
        let kept = object(&world, &served(&sha256.parse().unwrap())).await;
        assert!(kept.is_none_or(|kept| kept == right));
    }
    println!("{served_well} files were served with the right bytes, {refused} were refused");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_register_a_file_one_does() {
    let world = World::start().await;
    world.product("prod_app").await;
    let draft = draft(&world, "1.0.0").await;
    let (_, registration) = world.sent(&draft, 1, LENGTH).await;
    let answers = join_all((0..8).map(|_| world.register(&draft, &registration))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200, "{answers:?}");
    // Others may have found the file gone, which the first one has deleted.
    let codes = ["artifact_exists", "upload_incomplete", "contention"];
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        let code = answer.body["error"]["code"].as_str().unwrap();
        assert!(codes.contains(&code), "{answer:?}");
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_leaves_what_is_yet_to_be_registered() {
    let world =
        World::with(Options { events: EventDelivery::Disabled, ..Options::ephemeral() }).await;
    world.product("prod_app").await;
    let draft = draft(&world, "1.0.0").await;
    let (presigned, registration) = world.sent(&draft, 1, LENGTH).await;
    let upload = upload_of(&presigned);
    let finish = || finish_upload(&world.stack.services, upload.as_str());
    finish().await.0.unwrap();
    assert!(object(&world, &incoming(&upload)).await.is_some());
    world.register(&draft, &registration).await.expect(200);
    assert!(object(&world, &incoming(&upload)).await.is_none());
    // The event may come late.
    finish().await.0.unwrap();
    assert!(world.download(&artifact_of(&presigned["artifact_id"])).await == file(1, LENGTH).0);
    world.stack.stop().await;
}

/// A file that is too large to be verified in a request, and the request that registers it.
async fn large(world: &World, draft: &Value) -> (Value, Value) {
    let presigned = world.presign(draft, "linux.tar.gz").await;
    let bytes = vec![7_u8; LARGE];
    let sha256 = Sha256::of(&bytes).to_string();
    assert_eq!(world.send(&presigned["upload_url"], bytes).await, 200);
    let registration = registration(&presigned, &sha256, LARGE);
    (presigned, registration)
}

/// Registers a file again and again, as `curl --retry` does, until the answer is another than 503.
async fn register_until_verified(world: &World, draft: &Value, registration: &Value) -> Value {
    for _ in 0..1_200 {
        let answer = world.register(draft, registration).await;
        if answer.status != 503 {
            return json!({ "status": answer.status, "body": answer.body });
        }
        assert_eq!(answer.header("retry-after"), Some("5"));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it is never verified");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_verifies_what_takes_longer_than_a_request() {
    let world = World::start().await;
    world.product("prod_app").await;
    let draft = draft(&world, "1.0.0").await;
    let (presigned, registration) = large(&world, &draft).await;
    let first = world.register(&draft, &registration).await;
    first.refused(503, "unavailable", None);
    let mut other = registration.clone();
    other["checksum"] = json!("d2".repeat(32));
    world.register(&draft, &other).await.refused(409, "checksum_mismatch", None);
    let answer = register_until_verified(&world, &draft, &registration).await;
    assert_eq!(answer["status"], 200, "{answer:#}");
    let id = artifact_of(&presigned["artifact_id"]);
    let path = format!("/v1/artifacts/{}", id.as_str().unwrap());
    assert_eq!(world.get(&path).await.expect(200)["size_bytes"], LARGE);
    assert_eq!(world.register(&draft, &registration).await.status, 409);

    let second = world.draft("prod_app", "2.0.0").await;
    let (refused, mut wrong) = large(&world, &second).await;
    wrong["checksum"] = json!("d2".repeat(32));
    let answer = register_until_verified(&world, &second, &wrong).await;
    assert_eq!(answer["status"], 409, "{answer:#}");
    assert_eq!(answer["body"]["error"]["code"], "checksum_mismatch");
    let events = log(&world).await;
    each_is_found_by_what_it_is_of(&world, &events).await;
    file_is_of(&presigned, &draft, &events);
    file_is_of(&refused, &second, &events);
    world.stack.stop().await;
}
