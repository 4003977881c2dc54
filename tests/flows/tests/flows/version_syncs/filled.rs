//! A sync with Debian's registry, filled by `skopeo`.

use slipway_composition::{Selection, TagChoice, VersionOrTag};
use slipway_test_container_registry::{Access, DebianRegistry, OciLayout};
use slipway_test_support::World;

use super::{REPOSITORY, all, component, reported, resolved, sync};

#[tokio::test]
async fn each_of_600_tags_has_the_digest_that_skopeo_gives_and_one_that_moves_adds_a_row() {
    let Some(debian) = DebianRegistry::start(Access::Open) else { return };
    let (world, layout) = (World::start().await, OciLayout::empty());
    let one = layout.image("one");
    debian.push(&layout, &format!("{REPOSITORY}:v1.0.0"));
    let index = layout.index("two");
    debian.push(&layout, &format!("{REPOSITORY}:v2.0.0-rc.1"));
    debian.tag(REPOSITORY, &one, (0..598).map(|n| format!("nightly-{n:03}")));
    let (catalog, url) = (world.catalog(), debian.url());
    let api = component(&catalog, "api").await;

    let first = sync(&catalog, &api, &url, TagChoice::New).await;
    assert!(first.is_complete);
    let maps = all(&catalog, &api).await;
    assert_eq!((first.added.len(), maps.len()), (600, 600));
    let told = |n: usize| {
        let map = &maps[n];
        let [semver, channel] = [
            map.semver.as_ref().map(ToString::to_string),
            map.channel.as_ref().map(ToString::to_string),
        ];
        (map.tag.to_string(), semver, channel, map.digest.to_string())
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(told(0), ("v2.0.0-rc.1".into(), some("2.0.0-rc.1"), some("rc"), index.clone()));
    assert_eq!(told(1), ("v1.0.0".into(), some("1.0.0"), some("stable"), one.clone()));
    assert!(maps[2..].iter().all(|map| map.semver.is_none() && map.channel.is_none()));
    for map in maps.iter().step_by(150) {
        let inspected = debian.inspect(&format!("{REPOSITORY}:{}", map.tag));
        assert_eq!(map.digest.as_str(), inspected, "{}", map.tag);
    }

    let moved = layout.image("three");
    debian.push(&layout, &format!("{REPOSITORY}:v1.0.0"));
    let rows = world.rows().await;
    let again = sync(&catalog, &api, &url, TagChoice::New).await;
    assert!(again.added.is_empty() && again.is_complete);
    assert_eq!(world.rows().await, rows, "known tags are not asked about, and nothing is written");
    let refreshed = sync(&catalog, &api, &url, TagChoice::All).await;
    assert_eq!(refreshed.added.len(), 1);
    let now = all(&catalog, &api).await;
    let versions: Vec<_> = now[1..3].iter().map(|map| map.digest.as_str()).collect();
    assert_eq!(versions, [moved.as_str(), one.as_str()], "the newest first, and the old one stays");
    assert!(maps.iter().all(|map| now.contains(map)), "no version map has changed");
    let version = Selection::Version(VersionOrTag::of("1.0.0").unwrap());
    let found = resolved(&catalog, &api, &version).await.unwrap();
    assert_eq!(found.digest.as_str(), moved);
    assert_eq!(reported(&world).await, [(0, 600), (600, 601)]);
}
