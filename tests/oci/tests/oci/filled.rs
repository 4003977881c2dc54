//! What Debian's registry has is what this client tells.

use std::collections::BTreeSet;

use slipway_composition::{ImageRepository, ImageTag};
use slipway_oci::{Credentials, Error, ManifestReference, Password, Registry};
use slipway_test_container_registry::{Access, DebianRegistry, OciLayout};

use crate::registry;

/// What is pushed: a name with slashes, one tag on an index, two on images.
const REPOSITORY: &str = "myorg/team-a/api";

fn repository() -> ImageRepository {
    REPOSITORY.parse().unwrap()
}

fn tag(text: &str) -> ManifestReference {
    ManifestReference::Tag(text.parse().unwrap())
}

async fn all_tags(registry: &Registry) -> (Vec<ImageTag>, usize) {
    let (mut tags, mut pages, mut cursor) = (Vec::new(), 0, None);
    loop {
        let page = registry.tags(&repository(), cursor.as_ref()).await.unwrap();
        tags.extend(page.tags);
        pages += 1;
        cursor = page.next;
        if cursor.is_none() {
            return (tags, pages);
        }
    }
}

fn fill(debian: &DebianRegistry) -> [String; 3] {
    let layout = OciLayout::empty();
    let one = layout.image("one");
    debian.push(&layout, &format!("{REPOSITORY}:v1.0.0"));
    let two = layout.image("two");
    debian.push(&layout, &format!("{REPOSITORY}:v2.0.0"));
    let index = layout.index("three");
    debian.push(&layout, &format!("{REPOSITORY}:v3.0.0"));
    [one, two, index]
}

#[tokio::test]
async fn every_tag_of_600_has_the_digest_that_skopeo_gives() {
    let Some(debian) = DebianRegistry::start(Access::Open) else { return };
    let [one, two, index] = fill(&debian);
    debian.tag(REPOSITORY, &two, (0..597).map(|n| format!("nightly-{n:03}")));
    let registry = registry(&debian.url(), Credentials::Anonymous);
    registry.ping().await.unwrap();

    let (tags, _) = all_tags(&registry).await;
    assert_eq!(tags.iter().collect::<BTreeSet<_>>().len(), 600);
    for (name, digest) in [("v1.0.0", one), ("v2.0.0", two), ("v3.0.0", index)] {
        let manifest = registry.resolve(&repository(), &tag(name)).await.unwrap().unwrap();
        assert_eq!(manifest.digest.as_str(), digest);
        assert_eq!(debian.inspect(&format!("{REPOSITORY}:{name}")), digest);
    }
    for name in tags.iter().filter(|tag| tag.as_str().starts_with("nightly-")).step_by(50) {
        let manifest = registry.resolve(&repository(), &tag(name.as_str())).await.unwrap().unwrap();
        assert_eq!(manifest.digest.as_str(), debian.inspect(&format!("{REPOSITORY}:{name}")));
    }
}

#[tokio::test]
async fn an_index_tells_its_platforms_and_an_image_has_none() {
    let Some(debian) = DebianRegistry::start(Access::Open) else { return };
    let [one, _, index] = fill(&debian);
    let registry = registry(&debian.url(), Credentials::Anonymous);
    let index = index.parse().unwrap();
    let platforms = registry.platforms(&repository(), &index).await.unwrap().unwrap();
    let names: Vec<_> = platforms.iter().filter_map(|one| one.platform.as_deref()).collect();
    assert_eq!(names, ["linux/amd64", "linux/arm64"]);
    for platform in &platforms {
        let reference = ManifestReference::Digest(platform.digest.clone());
        let manifest = registry.resolve(&repository(), &reference).await.unwrap().unwrap();
        assert_eq!(manifest.digest, platform.digest);
    }
    let image = registry.platforms(&repository(), &one.parse().unwrap()).await.unwrap();
    assert_eq!(image, Some(Vec::new()));
}

#[tokio::test]
async fn what_is_not_there_is_none_and_a_repository_that_is_not_is_named() {
    let Some(debian) = DebianRegistry::start(Access::Open) else { return };
    fill(&debian);
    let registry = registry(&debian.url(), Credentials::Anonymous);
    assert_eq!(registry.resolve(&repository(), &tag("v9")).await.unwrap(), None);
    let nowhere: ImageRepository = "myorg/nothing".parse().unwrap();
    let none = registry.tags(&nowhere, None).await.unwrap_err();
    assert!(matches!(none, Error::NoRepository { .. }), "{none}");
    assert!(none.to_string().contains("`myorg/nothing`"), "{none}");
    let digest = format!("sha256:{}", "0".repeat(64)).parse().unwrap();
    assert_eq!(registry.platforms(&repository(), &digest).await.unwrap(), None);
}

#[tokio::test]
async fn a_registry_with_basic_authentication_lets_in_who_has_the_password() {
    let Some(debian) = DebianRegistry::start(Access::Basic) else { return };
    let [one, ..] = fill(&debian);
    let basic = |password: &str| Credentials::Basic {
        username: "user".to_owned(),
        password: Password::new(password.to_owned()),
    };
    let allowed = registry(&debian.url(), basic("pass:word"));
    allowed.ping().await.unwrap();
    let (tags, _) = all_tags(&allowed).await;
    assert_eq!(tags.len(), 3);
    let manifest = allowed.resolve(&repository(), &tag("v1.0.0")).await.unwrap().unwrap();
    assert_eq!(manifest.digest.as_str(), one);
    for refused in [Credentials::Anonymous, basic("wrong")] {
        let error = registry(&debian.url(), refused).ping().await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
        assert!(!error.to_string().contains("wrong"), "{error}");
    }
}

#[tokio::test]
async fn a_tag_that_moves_stands_for_another_digest_and_the_old_one_stays() {
    let Some(debian) = DebianRegistry::start(Access::Open) else { return };
    let [one, ..] = fill(&debian);
    let layout = OciLayout::empty();
    let moved = layout.image("moved");
    debian.push(&layout, &format!("{REPOSITORY}:v1.0.0"));
    let registry = registry(&debian.url(), Credentials::Anonymous);
    let now = registry.resolve(&repository(), &tag("v1.0.0")).await.unwrap().unwrap();
    assert_eq!(now.digest.as_str(), moved);
    let old = ManifestReference::Digest(one.parse().unwrap());
    assert!(registry.resolve(&repository(), &old).await.unwrap().is_some());
}
