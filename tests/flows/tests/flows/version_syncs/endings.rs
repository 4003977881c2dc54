//! However a sync ends, all that it has added is told by an audit event, once, and the next one
//! loses nothing.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use slipway_composition::{Component, MAX_VERSION_MAPS, TagChoice};
use slipway_domain::Code;
use slipway_edge::RegistryAccess;
use slipway_test_scripted_server::{ScriptedRegistry, Then};
use slipway_test_support::{Options, TestClock, Value, World, json, text};
use tokio::time::sleep;

use super::{LONG, all, component, reported, sync, sync_within};
use crate::faults::{CrashPlan, CrashPoint, without_calls_about};

/// The secret of the webhook of each registry here.
const SECRET: &str = "4f1c0b7a93d24e5f8a6b";
/// Tags for three transactions.
const TAGS: usize = 45;

fn tags(count: usize) -> impl Iterator<Item = (String, u64)> {
    (0..count).map(|n| (format!("v1.0.{n}"), n as u64))
}

/// A world whose integrations may be with this machine.
async fn world(clock: &TestClock) -> World {
    let registries = RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]);
    World::with(Options { registries, clock: clock.clock(), ..Options::ephemeral() }).await
}

/// A component of `registry`, as the API makes it, and where it is synced.
async fn component_of(world: &World, registry: &ScriptedRegistry, name: &str) -> (Value, String) {
    let new = json!({
        "name": name, "type": "registry.oci", "auth": { "mode": "none" },
        "endpoint": registry.url().origin().ascii_serialization(),
        "webhookSecretRef": world.integration_secret("webhook", SECRET),
    });
    let integration = world.post("/api/v1/integrations", new).await.expect(201);
    let new = json!({
        "name": name, "imageRepository": "myorg/api", "registryIntegrationId": integration["id"],
    });
    let component = world.post("/api/v1/components", new).await.expect(201);
    let sync = format!("/api/v1/components/{}/sync-versions", text(&component, "id"));
    (component, sync)
}

/// The component, as the catalog has it.
async fn stored(world: &World, component: &Value) -> Component {
    let id = text(component, "id").parse().unwrap();
    world.catalog().get_component(&id).await.unwrap().value
}

/// How many version maps each event of one component tells of, and who has added them, newest
/// first.
async fn told_by(world: &World, component: &Value) -> Vec<(String, u64)> {
    let events = world.get("/v1/audit/events?event_type=component.synced").await.expect(200);
    let events = events["events"].as_array().unwrap().iter();
    let count = |side: &Value| side["versionMaps"].as_u64().unwrap();
    let own = events.filter(|event| event["subject"] == component["id"]);
    let told = own.map(|event| {
        let actor = text(event, "actor").split(':').next().unwrap_or_default();
        (actor.to_owned(), count(&event["after"]) - count(&event["before"]))
    });
    told.collect()
}

/// How many version maps the events of one component tell of.
async fn told_of(world: &World, component: &Value) -> u64 {
    told_by(world, component).await.into_iter().map(|(_, count)| count).sum()
}

#[tokio::test]
async fn a_sync_that_meets_the_limit_of_version_maps_tells_of_those_before() {
    let (world, registry) = (World::start().await, ScriptedRegistry::start(tags(1)).await);
    let (catalog, url) = (world.catalog(), registry.url());
    let api = component(&catalog, "api").await;
    sync(&catalog, &api, &url, TagChoice::New).await;
    let before = MAX_VERSION_MAPS - 40;
    world.count_version_maps(api.id.as_str(), before).await;
    tags(100).for_each(|(tag, digest)| registry.tag(&tag, digest));

    for choice in [TagChoice::New, TagChoice::New, TagChoice::All] {
        let full = sync_within(&catalog, &api, (&url, LONG), choice).await.unwrap_err();
        assert_eq!(full.code(), Code::LimitReached, "{full}");
        assert_eq!(all(&catalog, &api).await.len(), 37, "18 at a time");
        assert_eq!(reported(&world).await, [(0, 1), (before, before + 36)]);
        let state = catalog.get_sync_state(&api).await.unwrap();
        assert_eq!((state.version_maps, state.unreported), (before + 36, 0));
    }
}

#[tokio::test]
async fn a_component_that_is_deleted_during_a_sync_tells_how_many_version_maps_it_had() {
    let clock = TestClock::default();
    let (world, registry) = (world(&clock).await, ScriptedRegistry::start(tags(TAGS)).await);
    let (api, _) = component_of(&world, &registry, "api").await;
    let (catalog, url, stored) = (world.catalog(), registry.url(), stored(&world, &api).await);
    registry.set_patience(40, Then::Silence);
    let deletion = async {
        while catalog.get_sync_state(&stored).await.unwrap().version_maps < 36 {
            sleep(std::time::Duration::from_millis(5)).await;
        }
        let path = format!("/api/v1/components/{}", text(&api, "id"));
        world.delete(&path).await.expect(204);
        registry.set_patience(usize::MAX, Then::Silence);
    };
    let sync = sync_within(&catalog, &stored, (&url, LONG), TagChoice::New);
    let (ended, ()) = tokio::join!(sync, deletion);
    assert_eq!(ended.unwrap_err().code(), Code::NotFound);
    let events = world.get("/v1/audit/events?event_type=component.deleted").await.expect(200);
    assert_eq!(events["events"][0]["before"]["versionMaps"], 36, "{events}");
    assert_eq!(told_of(&world, &api).await, 0);
}

#[tokio::test]
async fn a_push_in_the_middle_of_a_sync_tells_of_itself_alone() {
    let clock = TestClock::default();
    let (world, registry) = (world(&clock).await, ScriptedRegistry::start(tags(TAGS)).await);
    let (api, sync) = component_of(&world, &registry, "api").await;
    let (catalog, stored) = (world.catalog(), stored(&world, &api).await);
    registry.set_patience(40, Then::Silence);
    let push = async {
        while catalog.get_sync_state(&stored).await.unwrap().version_maps < 36 {
            sleep(std::time::Duration::from_millis(5)).await;
        }
        registry.set_patience(usize::MAX, Then::Silence);
        registry.tag("latest", 7);
        let place = text(&api, "registryIntegrationId");
        let place = format!("/api/v1/webhooks/registry/{place}?secret={SECRET}");
        let target = json!({ "repository": "myorg/api", "tag": "latest" });
        let push = json!({ "events": [{ "action": "push", "target": target }] });
        world.post(&place, push).await.expect(200)
    };
    let (synced, pushed) = tokio::join!(world.post(&sync, json!({})), push);
    assert_eq!((&synced.expect(200)["synced"], &pushed["added"]), (&json!(TAGS), &json!(1)));
    let told = [("registry-webhook".to_owned(), 1), ("bootstrap".to_owned(), TAGS as u64)];
    assert_eq!(told_by(&world, &api).await, told);
    assert_eq!(catalog.get_sync_state(&stored).await.unwrap().unreported, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_whose_table_fails_tells_of_what_was_stored() {
    let clock = TestClock::default();
    let (world, registry) = (world(&clock).await, ScriptedRegistry::start(tags(TAGS)).await);
    let (api, sync) = component_of(&world, &registry, "api").await;
    // A tag that is neither the first nor the last of its page is in no call but the one that
    // stores it: in the order of tags it is the 39th.
    let services = without_calls_about("v1.0.43", &world, &clock);
    let call = world.call("component-sync-versions", &sync).json(&json!({}));
    let failed = call.on(&services).await.0;
    assert!(failed.status >= 500, "{failed:?}");
    let kept = all(&world.catalog(), &stored(&world, &api).await).await.len();
    assert_eq!((kept, told_of(&world, &api).await), (36, 36));
    let rest = world.post(&sync, json!({})).await.expect(200);
    assert_eq!((&rest["synced"], told_of(&world, &api).await), (&json!(TAGS - 36), TAGS as u64));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_is_killed_anywhere_and_begun_again_loses_nothing_and_adds_nothing_twice() {
    let clock = TestClock::default();
    let (world, registry) = (world(&clock).await, ScriptedRegistry::start(tags(TAGS)).await);
    let mut partial = BTreeSet::new();
    for death in CrashPoint::ALL {
        for at in 1.. {
            let (api, sync) =
                component_of(&world, &registry, &format!("{death:?}-{at}").to_lowercase()).await;
            let stored = stored(&world, &api).await;
            let fate = CrashPlan::new(death, at);
            let services = fate.services(&world, &clock);
            let call = world.call("component-sync-versions", &sync).json(&json!({}));
            let lived =
                fate.live(call.on(&services)).await.filter(|(answer, _)| answer.status == 200);
            let kept = all(&world.catalog(), &stored).await.len();
            partial.insert(kept);
            // By now it is sure that nobody is at work any more.
            clock.advance(SignedDuration::from_secs(30));
            let rest = world.post(&sync, json!({})).await.expect(200);
            let place = format!("{death:?} at call {at}");
            assert_eq!(rest["synced"], TAGS - kept, "{place}");
            let maps = all(&world.catalog(), &stored).await;
            let distinct: BTreeSet<_> = maps.iter().map(|map| &map.tag).collect();
            assert_eq!((maps.len(), distinct.len()), (TAGS, TAGS), "{place}");
            assert_eq!(told_of(&world, &api).await, TAGS as u64, "{place}");
            world.delete(sync.trim_end_matches("/sync-versions")).await.expect(204);
            let integration = text(&api, "registryIntegrationId");
            world.delete(&format!("/api/v1/integrations/{integration}")).await.expect(204);
            if lived.is_some() {
                assert!(at > 5, "{at}: are calls still counted?");
                break;
            }
        }
    }
    assert_eq!(partial, BTreeSet::from([0, 18, 36, TAGS]), "it was killed between transactions");
}
