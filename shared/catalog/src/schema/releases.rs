//! Releases, the heads of their channels, and the release index.

use jiff::Timestamp;
use slipway_domain::{Channel, ProductId, ReleaseId, Version};

use super::{Index, Key, time};

/// The head of a channel.
#[must_use]
pub fn head(product: &ProductId, channel: &Channel) -> Key {
    Key::new(format!("PRODUCT#{product}"), format!("HEAD#{channel}"))
}

/// A release. That a version exists once per product and channel is this key.
#[must_use]
pub fn release(product: &ProductId, channel: &Channel, version: &Version) -> Key {
    Key::new(
        format!("PRODUCT#{product}"),
        format!("{}{}", releases_on(channel), version.sort_key()),
    )
}

/// What the sort keys of all releases on a channel begin with.
#[must_use]
pub fn releases_on(channel: &Channel) -> String {
    // `#` ends the channel: no other channel's name can continue it.
    format!("RELEASE#{channel}#")
}

/// What the keys of all releases on a channel begin with.
#[must_use]
pub fn channel_releases(product: &ProductId, channel: &Channel) -> Key {
    Key::new(format!("PRODUCT#{product}"), releases_on(channel))
}

/// The position just above a release: below it are the release of this version and all lower ones.
#[must_use]
pub fn above_release(product: &ProductId, channel: &Channel, version: &Version) -> Key {
    let Key { pk, sk } = release(product, channel, version);
    // No sort key of a version is the beginning of another one.
    Key { pk, sk: sk + " " }
}

/// What a cache keeps a page of releases under. It is the key of no row.
#[must_use]
pub fn release_page(prefix: &Key, below: Option<&Key>, limit: usize) -> Key {
    let below = below.map_or("", |below| &below.sk);
    Key::new(prefix.pk.clone(), format!("{} below {below}, {limit}", prefix.sk))
}

/// A required release: one row for each that is live.
#[must_use]
pub fn required_release(product: &ProductId, channel: &Channel, version: &Version) -> Key {
    let Key { pk, sk } = required_releases(product, channel);
    Key { pk, sk: sk + &version.sort_key() }
}

/// What the keys of all required releases on a channel begin with.
#[must_use]
pub fn required_releases(product: &ProductId, channel: &Channel) -> Key {
    Key::new(format!("PRODUCT#{product}"), format!("REQUIRED#{channel}#"))
}

/// What a cache keeps a page of required releases under. It is the key of no row.
#[must_use]
pub fn required_page(prefix: &Key, above: Option<&Key>, limit: usize) -> Key {
    let above = above.map_or("", |above| &above.sk);
    Key::new(prefix.pk.clone(), format!("{} above {above}, {limit}", prefix.sk))
}

/// Leads from a release's id to its row. The release's history shares its partition.
#[must_use]
pub fn release_pointer(id: &ReleaseId) -> Key {
    Key::singleton("RELEASE", id)
}

/// The change of a release that made a revision of it.
#[must_use]
pub fn release_change(id: &ReleaseId, revision: u64) -> Key {
    let Key { pk, sk } = release_changes(id);
    Key { pk, sk: format!("{sk}{revision:020}") }
}

/// What the keys of all changes of a release begin with.
#[must_use]
pub fn release_changes(id: &ReleaseId) -> Key {
    Key::new(release_pointer(id).pk, "HISTORY#")
}

/// The partition of the rollouts that wait for their next step.
#[must_use]
pub fn due_rollouts() -> String {
    "DUEROLLOUTS".to_owned()
}

/// Says when the rollout of a release makes its next step.
#[must_use]
pub fn due_rollout(at: Timestamp, id: &ReleaseId) -> Key {
    Key::new(due_rollouts(), format!("{}#{id}", time(at)))
}

/// Position of a release among all of its product: by version, then channel.
#[must_use]
pub fn release_of_product(
    product: &ProductId,
    channel: &Channel,
    version: &Version,
) -> (Index, Key) {
    let position = format!("{}{channel}", releases_of_version(version));
    (Index::ByRelation, Key::new(releases_of(product), position))
}

/// What the sort keys of all releases of a version begin with, among those of its product.
#[must_use]
pub fn releases_of_version(version: &Version) -> String {
    format!("{}#", version.sort_key())
}

/// The partition of [`Index::ByRelation`] with the releases of a product.
#[must_use]
pub fn releases_of(product: &ProductId) -> String {
    format!("RELEASES#{product}")
}

/// The partition of the release index.
#[must_use]
pub fn release_index() -> String {
    "INDEX".to_owned()
}

/// What the sort keys of a product's entries in the release index begin with.
#[must_use]
pub fn index_entries_of(product: &ProductId) -> String {
    format!("{product}#")
}

/// Which channels of a product follow others: it stands before the product's channels in the
/// release index, none of which has an empty name.
#[must_use]
pub fn index_follows(product: &ProductId) -> Key {
    Key::new(release_index(), index_entries_of(product))
}

/// The entry of a channel in the release index.
#[must_use]
pub fn index_entry(product: &ProductId, channel: &Channel) -> Key {
    Key::new(release_index(), format!("{}{channel}", index_entries_of(product)))
}
