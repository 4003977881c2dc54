//! Reads while what they read is deleted: they are answered with what is left.

use slipway_test_support::{Call, TestClock, TestResponse, World, json, text};

use super::answers;
use super::pairs::{BEGUN, LAST, Pair};
use super::scene::Scene;
use super::scene::Step::{Complete, Create, DeleteEnvironment, DeleteRelease, Deprecate, Reject};
use crate::interleaving::{Change, interleaved};

/// What is read, and what is deleted meanwhile.
struct Read {
    operation: &'static str,
    path: fn(&Scene) -> String,
    /// What it is about, and as its second operation what comes meanwhile.
    pair: Pair,
}

const READS: [Read; 6] = [
    Read {
        operation: "promotion-get",
        path: |scene| format!("/api/v1/promotions/{}", scene.promotion.as_ref().unwrap()),
        pair: Pair::new("waits", LAST, [&[], &[Reject, DeleteEnvironment]]),
    },
    Read {
        operation: "promotion-list",
        path: |scene| {
            let environment = &scene.environment;
            format!("/api/v1/promotions?targetEnvironmentId={environment}&status=in_progress")
        },
        pair: Pair::new("begun", BEGUN, [&[], &[Complete("failed"), DeleteEnvironment]]),
    },
    Read {
        operation: "promotion-list",
        path: |scene| {
            format!("/api/v1/promotions?releaseId={}&status=in_progress", scene.releases[0])
        },
        pair: Pair::new("begun", BEGUN, [&[], &[Complete("failed"), DeleteEnvironment]]),
    },
    Read {
        operation: "bundle-state",
        path: |scene| format!("/api/v1/releases/{}/state", scene.releases[0]),
        pair: Pair::new("begun", BEGUN, [&[], &[Complete("deployed"), DeleteEnvironment]]),
    },
    Read {
        operation: "bundle-list",
        path: |_| "/api/v1/releases?status=deprecated".to_owned(),
        pair: Pair::new("begun", BEGUN, [&[], &[Complete("failed"), Deprecate, DeleteRelease]]),
    },
    Read {
        operation: "bundle-list",
        path: |scene| format!("/api/v1/releases?componentId={}", scene.component),
        pair: Pair::new("begun", BEGUN, [&[], &[Complete("failed"), Deprecate, DeleteRelease]]),
    },
];

/// What `call` is answered where the second operation of a pair comes before its call number `at`.
async fn read_meanwhile(
    world: &World,
    at: u64,
    (scene, pair): (&Scene, &Pair),
    call: Call,
) -> Option<TestResponse> {
    let requests = scene.requests(world, pair.of(true));
    // In a task of its own: the call that it comes before may be given up.
    let change: Change = Box::pin(async move {
        for answer in tokio::spawn(answers(requests)).await.unwrap() {
            assert!(answer.status < 300, "{:#}", answer.body);
        }
    });
    let answer = async |services| call.on(&services).await.0;
    interleaved((world, &TestClock::default()), at, change, answer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_while_it_is_read_fails_no_read() {
    for Read { operation, path, pair } in READS {
        let (world, mut number) = (World::start().await, 0);
        for at in 1.. {
            let scene = Scene::set(&world, &pair, &mut number).await;
            let call = world.call(operation, path(&scene));
            let Some(answer) = read_meanwhile(&world, at, (&scene, &pair), call).await else {
                assert!(at > 1, "{operation}: {at}: are calls still counted?");
                break;
            };
            let body = answer.expect(200);
            if operation == "promotion-get" {
                let status = text(&body, "status");
                assert!(["awaiting_approval", "rejected"].contains(&status), "call {at}: {status}");
            }
        }
        world.stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pinned_from_an_environment_is_what_is_deployed_there_by_then() {
    let pair = Pair::new(
        "replaced",
        BEGUN,
        [&[Complete("deployed")], &[Complete("deployed"), Deprecate, DeleteRelease]],
    );
    let (world, mut number) = (World::start().await, 0);
    for at in 1.. {
        let mut scene = Scene::set(&world, &pair, &mut number).await;
        answers(scene.requests(&world, pair.of(false))).await;
        let next = answers(scene.requests(&world, &[Create(1)])).await.remove(0).expect(201);
        scene.promotion = Some(text(&next, "id").to_owned());
        let pin_from = json!({ "environmentId": scene.environment });
        let new =
            json!({ "name": format!("latest-{at}"), "channel": "stable", "pinFrom": pin_from });
        let call =
            world.call("bundle-create-from-latest", "/api/v1/releases/from-latest").json(&new);
        let Some(answer) = read_meanwhile(&world, at, (&scene, &pair), call).await else {
            assert!(at > 5, "{at}: are calls still counted?");
            break;
        };
        answer.expect(201);
    }
    world.stack.stop().await;
}
