//! Registries that are slow, fail on the way, or answer what is no list: what was found stays, and
//! the next sync goes on.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use slipway_composition::{SyncPosition, TagChoice};
use slipway_domain::Code;
use slipway_test_scripted_server::{Reply, ScriptedRegistry, Server, Then};
use slipway_test_support::World;

use super::{LONG, all, component, reported, sync, sync_within};

/// A hundred tags.
fn tags() -> impl Iterator<Item = (String, u64)> {
    (0..100).map(|n| (format!("v1.0.{n}"), n))
}

#[tokio::test]
async fn a_sync_without_time_keeps_what_it_has_and_the_next_one_goes_on() {
    for choice in [TagChoice::New, TagChoice::All] {
        let (world, registry) = (World::start().await, ScriptedRegistry::start(tags()).await);
        let (catalog, url) = (world.catalog(), registry.url());
        let api = component(&catalog, "api").await;
        registry.set_patience(55, Then::Silence);
        let time = (&url, Duration::from_secs(2));
        let first = sync_within(&catalog, &api, time, choice).await.unwrap();
        assert!(!first.is_complete, "{choice:?}");
        let count = first.added.len();
        assert!((45..=55).contains(&count), "{count}: what is told after one that is not is lost");
        assert_eq!(all(&catalog, &api).await.len(), count);
        let position = catalog.get_sync_state(&api).await.unwrap().position;
        assert!(matches!(position, Some(SyncPosition { after: Some(_), page: Some(_), .. })));

        // One that gets nowhere says so, and not that there is more to do.
        registry.set_patience(0, Then::Silence);
        let stuck = sync_within(&catalog, &api, time, choice).await.unwrap_err();
        assert_eq!(stuck.code(), Code::RegistryUnavailable, "{stuck}");

        registry.set_patience(usize::MAX, Then::Silence);
        let second = sync(&catalog, &api, &url, choice).await;
        assert!(second.is_complete);
        assert_eq!((second.added.len(), registry.asked()), (100 - count, 100 - count));
        let maps = all(&catalog, &api).await;
        let distinct: BTreeSet<_> = maps.iter().map(|map| &map.tag).collect();
        assert_eq!((maps.len(), distinct.len()), (100, 100));
        let counts = [(0, count as u64), (count as u64, 100)];
        assert_eq!(reported(&world).await, counts);
        assert_eq!(catalog.get_sync_state(&api).await.unwrap().position, None);
    }
}

#[tokio::test]
async fn a_registry_that_fails_on_the_way_is_an_error_and_what_was_told_before_stays() {
    let (world, registry) = (World::start().await, ScriptedRegistry::start(tags()).await);
    let (catalog, url) = (world.catalog(), registry.url());
    let api = component(&catalog, "api").await;
    registry.set_patience(40, Then::Failure);
    let error = sync_within(&catalog, &api, (&url, LONG), TagChoice::New).await.unwrap_err();
    assert_eq!(error.code(), Code::RegistryUnavailable);
    assert!(error.message().contains("`api`") && error.message().contains("500"), "{error}");
    let kept = all(&catalog, &api).await;
    assert!((32..=40).contains(&kept.len()), "{}", kept.len());
    assert_eq!(reported(&world).await, [(0, kept.len() as u64)]);

    registry.set_patience(usize::MAX, Then::Failure);
    let second = sync(&catalog, &api, &url, TagChoice::New).await;
    assert_eq!(second.added.len(), 100 - kept.len());
    let now = all(&catalog, &api).await;
    assert!(kept.iter().all(|map| now.contains(map)) && now.len() == 100);
}

#[tokio::test]
async fn a_quota_is_no_reason_to_begin_anew() {
    let (world, registry) = (World::start().await, ScriptedRegistry::start(tags()).await);
    let (catalog, url) = (world.catalog(), registry.url());
    let api = component(&catalog, "api").await;
    let mut syncs = 0;
    let last = loop {
        syncs += 1;
        registry.set_patience(40, Then::Status("429 Too Many Requests", "retry-after: 3600\r\n"));
        match sync_within(&catalog, &api, (&url, LONG), TagChoice::All).await {
            Ok(outcome) => break outcome,
            Err(error) => assert_eq!(error.code(), Code::RegistryUnavailable, "{error}"),
        }
        assert!(syncs < 5);
    };
    assert!(last.is_complete && syncs > 2, "{syncs}");
    assert_eq!(all(&catalog, &api).await.len(), 100);
}

#[tokio::test]
async fn images_that_a_registry_keeps_back_hide_no_others() {
    let (world, registry) = (World::start().await, ScriptedRegistry::start(tags()).await);
    let (catalog, url) = (world.catalog(), registry.url());
    let api = component(&catalog, "api").await;
    registry.set_patience(40, Then::Status("412 Precondition Failed", ""));
    let outcome = sync(&catalog, &api, &url, TagChoice::New).await;
    assert!(outcome.is_complete);
    assert_eq!(outcome.added.len(), 40);
    // Once they are given out, they are found.
    registry.set_patience(usize::MAX, Then::Silence);
    assert_eq!(sync(&catalog, &api, &url, TagChoice::New).await.added.len(), 60);
}

#[tokio::test]
async fn a_tag_that_stands_on_two_pages_is_one() {
    let world = World::start().await;
    let catalog = world.catalog();
    let api = component(&catalog, "api").await;
    let ok = |headers: &str, body: &str| {
        let length = body.len();
        Reply::raw(&format!("HTTP/1.1 200 OK\r\n{headers}content-length: {length}\r\n\r\n{body}"))
    };
    let server = Server::start(move |path| match path {
        path if path.contains("/manifests/") => {
            ok(&format!("docker-content-digest: sha256:{}\r\n", "a".repeat(64)), "")
        }
        path if path.contains("last=b") => ok("", r#"{"tags":["b","c"]}"#),
        _ => ok("link: <list?last=b>; rel=\"next\"\r\n", r#"{"tags":["a","b"]}"#),
    })
    .await;
    let outcome = sync(&catalog, &api, &server.url("/"), TagChoice::New).await;
    assert_eq!(outcome.added.len(), 3);
    assert_eq!(reported(&world).await, [(0, 3)]);
}

#[tokio::test]
async fn a_registry_that_is_none_changes_nothing() {
    let world = World::start().await;
    let catalog = world.catalog();
    let api = component(&catalog, "api").await;
    let before = world.rows().await;
    for (answer, code) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>", Code::RegistryUnavailable),
        ("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", Code::RegistryUnavailable),
        (
            "HTTP/1.1 429 Slow\r\nretry-after: 60\r\ncontent-length: 0\r\n\r\n",
            Code::RegistryUnavailable,
        ),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", Code::UnresolvableComponent),
    ] {
        let server = Server::start(move |_| Reply::raw(answer)).await;
        let url = server.url("/");
        let error = sync_within(&catalog, &api, (&url, LONG), TagChoice::New).await.unwrap_err();
        assert_eq!(error.code(), code, "{answer}: {error}");
    }
    assert_eq!(world.rows().await, before);
}

#[tokio::test]
async fn syncs_at_once_add_each_tag_once_and_each_tells_of_its_own() {
    let (world, registry) = (World::start().await, ScriptedRegistry::start(tags()).await);
    let (catalog, url) = (world.catalog(), registry.url());
    let api = component(&catalog, "api").await;
    let syncs = (0..4).map(|_| sync(&catalog, &api, &url, TagChoice::All));
    let outcomes = join_all(syncs).await;
    let mut added: Vec<_> = outcomes.iter().map(|outcome| outcome.added.len() as u64).collect();
    assert_eq!((added.iter().sum::<u64>(), all(&catalog, &api).await.len()), (100, 100));
    let state = catalog.get_sync_state(&api).await.unwrap();
    assert_eq!((state.version_maps, state.unreported), (100, 0));
    let told = reported(&world).await.into_iter().map(|(before, after)| after - before);
    let mut told: Vec<_> = told.collect();
    added.retain(|count| *count > 0);
    added.sort_unstable();
    told.sort_unstable();
    assert_eq!(told, added, "each tells of what it has added itself");
}
