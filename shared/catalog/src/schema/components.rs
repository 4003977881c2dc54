//! Components and their version maps.

use slipway_composition::{ComponentId, ImageDigest, ImageTag, ShortName, VersionMap};
use slipway_domain::{Channel, Version};

use super::{Index, Key, time};

/// The partition of all components.
pub const COMPONENTS: &str = "COMPONENTS";

/// A component. They are at most a thousand, and together in one partition.
#[must_use]
pub fn component(id: &ComponentId) -> Key {
    Key::new(COMPONENTS, format!("ID#{id}"))
}

/// Who has a name: leads to the component's id.
#[must_use]
pub fn component_name(name: &ShortName) -> Key {
    Key::singleton("COMPONENTNAME", name)
}

/// The partition with all that is known of a component's versions.
#[must_use]
pub fn component_versions(id: &ComponentId) -> String {
    format!("VERSIONS#{id}")
}

/// What is known of a component's versions as a whole. Whoever adds a version map replaces it.
#[must_use]
pub fn sync_state(id: &ComponentId) -> Key {
    Key::new(component_versions(id), "STATE")
}

/// What the keys of all that is known of a component's versions begin with.
#[must_use]
pub fn all_of_component_versions(id: &ComponentId) -> [Key; 6] {
    ["MAP#", "TAG#", "DIGEST#", "VERSION#", "CHANNEL#", "STATE"]
        .map(|prefix| Key::new(component_versions(id), prefix))
}

/// What the keys of all version maps of a component begin with.
#[must_use]
pub fn version_maps(id: &ComponentId) -> Key {
    Key::new(component_versions(id), "MAP#")
}

/// A version map, in the order of versions.
#[must_use]
pub fn version_map(map: &VersionMap) -> Key {
    let Key { pk, sk } = version_maps(&map.component_id);
    Key::new(pk, sk + &rank(map))
}

/// Position of a version map among those of its component on its channel, if it is on one.
#[must_use]
pub fn version_map_on_channel(map: &VersionMap) -> Option<(Index, Key)> {
    let channel = map.channel.as_ref()?;
    let pk = version_maps_on_channel(&map.component_id, channel);
    Some((Index::ByRelation, Key::new(pk, rank(map))))
}

/// The partition of [`Index::ByRelation`] with a component's version maps on a channel.
#[must_use]
pub fn version_maps_on_channel(id: &ComponentId, channel: &Channel) -> String {
    format!("CHANNELVERSIONS#{id}#{channel}")
}

/// The newest version map of a tag: what the tag stands for now.
#[must_use]
pub fn newest_of_tag(id: &ComponentId, tag: &ImageTag) -> Key {
    Key::new(component_versions(id), format!("TAG#{tag}"))
}

/// The newest version map with a digest.
#[must_use]
pub fn newest_of_digest(id: &ComponentId, digest: &ImageDigest) -> Key {
    Key::new(component_versions(id), format!("DIGEST#{digest}"))
}

/// The newest version map of a version, with its build metadata.
#[must_use]
pub fn newest_of_version(id: &ComponentId, version: &Version) -> Key {
    Key::new(component_versions(id), format!("VERSION#{version}"))
}

/// The version map of the highest version on a channel.
#[must_use]
pub fn highest_on_channel(id: &ComponentId, channel: &Channel) -> Key {
    Key::new(component_versions(id), format!("CHANNEL#{channel}"))
}

/// The order of version maps: by version, those without one lowest; then by the time at which they
/// were made.
fn rank(VersionMap { id, semver, created_at, .. }: &VersionMap) -> String {
    let version =
        semver.as_ref().map_or("0".to_owned(), |semver| format!("1{}", semver.sort_key()));
    format!("{version}#{}#{id}", time(*created_at))
}
