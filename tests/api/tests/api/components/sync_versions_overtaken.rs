//! Answers of a registry that are stored later than what was asked for after them.

use std::time::Duration;

use slipway_test_scripted_server::ScriptedRegistry;
use slipway_test_support::{TestResponse, Value, World, json};

use super::registry_webhook_receive::{SECRET, notified, place, pushes, send, versions};
use super::{VERSION_MAPS, digest, path, world};
use crate::assertions::each;

/// How long the registry's first answer is on its way: what is asked for next comes to its end
/// meanwhile.
const DELAY: Duration = Duration::from_secs(2);

/// Who asks the registry.
#[derive(Debug, Clone, Copy)]
enum Asker {
    Sync,
    Push,
    Creation,
}

impl Asker {
    async fn ask(self, world: &World, component: &Value) -> TestResponse {
        match self {
            Self::Sync => {
                let place = format!("{}/sync-versions", path(component));
                world.post(&place, json!({ "forceRefresh": true })).await
            }
            Self::Push => {
                let place = place(&component["registryIntegrationId"]);
                send(world, &place, SECRET, &pushes(["v1.0.0"])).await
            }
            Self::Creation => {
                let new = json!({ "componentId": component["id"], "tag": "v1.0.0" });
                world.post(VERSION_MAPS, new).await
            }
        }
    }
}

/// The digests of the component's version maps, newest first.
async fn digests(world: &World, component: &Value) -> Vec<String> {
    each(&versions(world, component).await, "digest").into_iter().map(str::to_owned).collect()
}

/// The registry has said that the tag stands for digest 1, its answer is on its way, the tag moves
/// to digest 2, and `later` asks and stores that. Returns what comes of `first`.
async fn overtaken(
    (world, component): (&World, &Value),
    registry: &ScriptedRegistry,
    (first, later): (Asker, Asker),
) -> TestResponse {
    registry.tag("v1.0.0", 1);
    registry.set_patience(usize::MAX, slipway_test_scripted_server::Then::Silence);
    registry.set_delay(DELAY);
    let overtaking = async {
        while registry.asked() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        registry.set_delay(Duration::ZERO);
        registry.tag("v1.0.0", 2);
        later.ask(world, component).await
    };
    let (overtaken, later) = tokio::join!(first.ask(world, component), overtaking);
    assert!(later.status < 300, "{:#}", later.body);
    overtaken
}

#[tokio::test]
async fn an_answer_that_is_overtaken_does_not_put_the_tag_back() {
    for (number, later) in [Asker::Sync, Asker::Push, Asker::Creation].into_iter().enumerate() {
        for first in [Asker::Sync, Asker::Push] {
            let (world, registry) = (world().await, ScriptedRegistry::start([]).await);
            let api = notified(&world, &format!("api-{number}"), &registry.url()).await;
            let came_of = overtaken((&world, &api), &registry, (first, later)).await.expect(200);
            let added = came_of.get("synced").unwrap_or(&came_of["added"]);
            assert_eq!(added, 0, "{first:?} overtaken by {later:?}");
            assert_eq!(digests(&world, &api).await, [digest(2)], "{first:?} by {later:?}");
            // Who moves it back on purpose is believed.
            registry.tag("v1.0.0", 1);
            assert_eq!(first.ask(&world, &api).await.status, 200);
            assert_eq!(digests(&world, &api).await, [digest(1), digest(2)]);
        }
    }
}

#[tokio::test]
async fn a_creation_that_is_overtaken_is_409_and_sent_again_it_counts() {
    let (world, registry) = (world().await, ScriptedRegistry::start([]).await);
    let api = notified(&world, "api", &registry.url()).await;
    let askers = (Asker::Creation, Asker::Push);
    let refused = overtaken((&world, &api), &registry, askers).await;
    refused.refused(409, "stale_state", Some("tag"));
    assert!(refused.body.to_string().contains(&digest(2)), "{:#}", refused.body);
    assert_eq!(digests(&world, &api).await, [digest(2)]);
    Asker::Creation.ask(&world, &api).await.expect(201);
    assert_eq!(digests(&world, &api).await, [digest(2), digest(2)]);
}
