//! The rows that lead to version maps say what all version maps say, whatever happens upstream.

use slipway_catalog::Writer;
use slipway_composition::{
    Component, ImageDigest, NewVersionMap, Selection, TagChoice, VersionOrTag, resolve,
};
use slipway_domain::{Code, GenerateId};
use slipway_edge::clock::entropy;
use slipway_test_scripted_server::ScriptedRegistry;
use slipway_test_support::World;

use super::{all, audit, component, resolved, sync};

const TAGS: [&str; 8] =
    ["v1.0.0", "1.0.0", "v1.10.0", "v1.9.0", "v2.0.0-rc.1", "v2.0.0-rc.2", "latest", "nightly"];

fn digest(number: u64) -> ImageDigest {
    format!("sha256:{number:064x}").parse().unwrap()
}

/// A number that looks random, and is the same in each run.
fn scatter(seed: u64) -> u64 {
    seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33
}

fn selections() -> Vec<Selection> {
    let versions = ["1.0.0", "v1.9.0", "latest", "2.0.0-rc.2", "1.10.0", "9.0.0", "nightly"];
    let versions = versions.map(|text| Selection::Version(VersionOrTag::of(text).unwrap()));
    let digests = (0..4).map(|number| Selection::Digest(digest(number)));
    let channels = ["stable", "rc", "beta"].map(|name| Selection::Channel(name.parse().unwrap()));
    versions.into_iter().chain(digests).chain(channels).collect()
}

/// What the rows say is what all version maps say.
async fn agree(catalog: &Writer, components: &[&Component]) {
    for component in components {
        let maps = all(catalog, component).await;
        for selection in selections() {
            let found = resolved(catalog, component, &selection).await;
            let found = match found {
                Err(error) if error.code() == Code::UnresolvableComponent => None,
                found => Some(found.unwrap()),
            };
            let found = found.map(|it| (it.tag, it.digest, it.version, it.channel));
            let meant = resolve(&selection, &maps).cloned();
            let meant = meant.map(|map| (map.tag, map.digest, map.semver, map.channel));
            assert_eq!(found, meant, "{selection:?} of {maps:#?}");
        }
    }
}

/// Somebody says that `tag` is this version on this channel.
async fn assign(catalog: &Writer, component: &Component, tag: &str, version: &str, channel: &str) {
    let audit = audit();
    let new = NewVersionMap {
        component_id: component.id.clone(),
        tag: tag.parse().unwrap(),
        semver: Some(version.parse().unwrap()),
        channel: Some(channel.parse().unwrap()),
    };
    let id = GenerateId::generate(audit.now, entropy().unwrap());
    let map = new.create(component, digest(3), (id, audit.now), "tester");
    catalog.create_version_map(component, &map, |_| Ok(audit.clone())).await.unwrap();
}

#[tokio::test]
async fn a_selection_means_what_all_version_maps_say_after_each_sync_and_each_assignment() {
    let (world, registry) = (World::start().await, ScriptedRegistry::start([]).await);
    let (catalog, url) = (world.catalog(), registry.url());
    let (api, web) = (component(&catalog, "api").await, component(&catalog, "web").await);
    for round in 0..12_u64 {
        for (n, tag) in (0_u64..).zip(TAGS) {
            let number = scatter(round * 100 + n);
            if !number.is_multiple_of(3) {
                registry.tag(tag, number % 4);
            }
        }
        sync(&catalog, &api, &url, TagChoice::All).await;
        sync(&catalog, &web, &url, TagChoice::New).await;
        agree(&catalog, &[&api, &web]).await;
        let tag = TAGS[usize::try_from(scatter(round)).unwrap() % TAGS.len()];
        let [version, channel] = [["1.0.0", "stable"], ["3.0.0", "beta"], ["2.0.0-rc.2", "rc"]]
            [usize::try_from(round).unwrap() % 3];
        assign(&catalog, &api, tag, version, channel).await;
        agree(&catalog, &[&api, &web]).await;
    }
}

#[tokio::test]
async fn the_version_maps_that_a_deleted_component_leaves_are_selected_by_nothing() {
    let (world, registry) = (World::start().await, ScriptedRegistry::start([]).await);
    let (catalog, url) = (world.catalog(), registry.url());
    registry.tag("v1.0.0", 1);
    let api = component(&catalog, "api").await;
    sync(&catalog, &api, &url, TagChoice::New).await;
    let selection = Selection::Channel("stable".parse().unwrap());
    resolved(&catalog, &api, &selection).await.unwrap();
    // Its rows are deleted after it, and not by this.
    assert!(catalog.delete_component(&api.id, |_| Ok(()), &audit()).await.unwrap());
    let partition = format!("VERSIONS#{}", api.id);
    assert!(world.rows().await.keys().any(|(pk, sk)| *pk == partition && sk == "CHANNEL#stable"));
    let gone = resolved(&catalog, &api, &selection).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
}
