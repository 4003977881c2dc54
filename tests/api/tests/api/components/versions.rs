//! `GET /api/v1/components/{id}/versions`

use slipway_test_support::{World, json};

use super::{PLACE, VERSION_MAP, all_pages, component, digest, page, path, synced};
use crate::assertions::{each, has_members};

const TAGS: [(&str, u64); 7] = [
    ("latest", 3),
    ("v1.9.0", 1),
    ("v1.10.0", 2),
    ("v2.0.0", 3),
    ("v2.0.0-rc.1", 4),
    ("v2.0.0-rc.2", 5),
    ("v2", 3),
];

#[tokio::test]
async fn versions_are_a_bare_array_highest_first_and_what_is_no_version_last() {
    let world = World::start().await;
    let api = component(&world, "api").await;
    let versions = format!("{}/versions", path(&api));
    assert_eq!(world.get(&versions).await.expect(200), json!([]));
    synced(&world, &api, &TAGS).await;
    let list = world.get(&versions).await.expect(200);
    let tags = each(&list, "tag");
    assert_eq!(tags[..5], ["v2.0.0", "v2.0.0-rc.2", "v2.0.0-rc.1", "v1.10.0", "v1.9.0"]);
    has_members(&list[0], VERSION_MAP);
    let told =
        ["componentId", "digest", "semver", "channel", "pushedAt"].map(|name| &list[0][name]);
    let [id, digest, null] = [api["id"].clone(), json!(digest(3)), json!(null)];
    assert_eq!(told, [&id, &digest, &json!("2.0.0"), &json!("stable"), &null]);
    for unversioned in list.as_array().unwrap().iter().skip(5) {
        assert_eq!((&unversioned["semver"], &unversioned["channel"]), (&null, &null));
    }
}

#[tokio::test]
async fn a_channel_has_its_own_and_a_tag_that_has_moved_is_there_twice() {
    let world = World::start().await;
    let api = component(&world, "api").await;
    synced(&world, &api, &TAGS).await;
    synced(&world, &api, &[("v2.0.0-rc.2", 9), ("v1.9.0", 1)]).await;
    let of = async |channel: &str| {
        let list = world.get(&format!("{}/versions?channel={channel}", path(&api))).await;
        let list = list.expect(200);
        let items = list.as_array().unwrap().iter();
        items.map(|map| (map["tag"].to_string(), map["digest"].to_string())).collect::<Vec<_>>()
    };
    let row = |tag: &str, number| (json!(tag).to_string(), json!(digest(number)).to_string());
    let moved = [row("v2.0.0-rc.2", 9), row("v2.0.0-rc.2", 5), row("v2.0.0-rc.1", 4)];
    assert_eq!(of("rc").await, moved);
    assert_eq!(of("stable").await, [row("v2.0.0", 3), row("v1.10.0", 2), row("v1.9.0", 1)]);
    assert_eq!(of("beta").await, []);
}

#[tokio::test]
async fn a_link_leads_to_the_next_page_until_there_is_none() {
    let world = World::start().await;
    let api = component(&world, "api").await;
    synced(&world, &api, &TAGS).await;
    for query in ["limit=3", "limit=3&channel=stable", "channel=rc&limit=1"] {
        let versions = format!("{}/versions", path(&api));
        let whole = format!("{versions}?{}", query.replace("limit=3", "").replace("limit=1", ""));
        let whole = world.get(whole.trim_end_matches('&')).await.expect(200);
        let paged = all_pages(&world, &format!("{versions}?{query}"), "tag").await;
        assert_eq!(paged, each(&whole, "tag"), "{query}");
    }
    let (_, next) = page(&world, &format!("{}/versions?limit=7", path(&api))).await;
    assert_eq!(next, None, "no empty page at the end");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let world = World::start().await;
    let api = component(&world, "api").await;
    for (query, code, field) in [
        ("limit=0", "invalid_field", "limit"),
        ("limit=201", "invalid_field", "limit"),
        ("channel=Stable", "invalid_field", "channel"),
        ("cursor=made-up", "invalid_cursor", "cursor"),
        ("page=1", "unknown_field", "page"),
    ] {
        let answer = world.get(&format!("{}/versions?{query}", path(&api))).await;
        answer.refused(400, code, Some(field));
    }
    let unknown = format!("{PLACE}/0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9eff/versions");
    world.get(&unknown).await.refused(404, "not_found", None);
}
