//! `SnapshotCatalog`: a snapshot that has all releases of a channel decides as the catalog does.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;
use slipway_domain::decision::{Decision, InstalledProduct, UpdateCheck};
use slipway_domain::policy::Policy;
use slipway_domain::release::{Release, ReleaseArtifact};
use slipway_domain::tenant::{AllProducts, Entitlement};
use slipway_domain::{Channel, Sha256};
use slipway_snapshot::{
    ChannelReleases, ChannelSet, Contents, MAX_HISTORY, Manifest, SnapshotArtifact, SnapshotCatalog,
};

use crate::catalog::{Channels, MACHINES, channel, live_channel, product};
use crate::decision::installed;
use crate::history::History;
use crate::model;

/// The snapshot of what is live on a channel, as it comes out of its own JSON.
fn manifest(channel: &Channels, history_limit: u8) -> Manifest {
    let releases = live_on(Channel::default(), channel, BTreeSet::new());
    manifest_of(vec![releases], history_limit, &ChannelSet::All)
}

/// What is live on a channel that `followed_by` follow.
pub fn live_on(
    name: Channel,
    channel: &Channels,
    followed_by: BTreeSet<Channel>,
) -> ChannelReleases {
    let mut history = History::on(name.clone());
    for release in &channel.live {
        history.change(release.clone());
    }
    ChannelReleases {
        product_id: "prod_app".parse().unwrap(),
        channel: name,
        releases: history.published().collect(),
        followed_by,
    }
}

/// The snapshot of those of `channels` that are `selected`, as it comes out of its own JSON.
pub fn manifest_of(
    channels: Vec<ChannelReleases>,
    history_limit: u8,
    selected: &ChannelSet,
) -> Manifest {
    let entitlement = Entitlement::All(AllProducts::AllProducts);
    let url = |artifact: &ReleaseArtifact| artifact.download_url_for("https://api.example.com");
    let contents = Contents::of(channels, &entitlement, history_limit, url).within(selected);
    let manifest = json!({
        "snapshot_id": "snapshot_1", "tenant_id": "tenant_a", "created_at": "2026-01-01T00:00:00Z", "expires_at": "2026-01-02T00:00:00Z",
        "stream": "all", "channels": contents.channels, "sequence": 1, "previous_snapshot_id": null,
        "content_digest": Sha256::of(b""), "releases": contents.releases,
    });
    serde_json::from_value(manifest).unwrap()
}

fn url(artifact: &ReleaseArtifact) -> String {
    format!("https://example.com/{}", artifact.artifact_id)
}

pub fn decide(catalog: &SnapshotCatalog, asked: &InstalledProduct) -> Decision {
    catalog.decide(&UpdateCheck::from(asked.clone()), url)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_snapshot_decides_as_the_catalog_that_it_was_made_of(channel in live_channel(), asked in installed()) {
        // What a snapshot does not know: what was revoked, and products without a live release.
        let channel = Channels { revoked: Vec::new(), ..channel };
        let releases: Vec<Release> = channel.releases().collect();
        let expected = crate::history::decide(&channel.head(), &releases, &Policy::default(), &asked);
        let catalog = SnapshotCatalog::of(manifest(&channel, MAX_HISTORY), |_| true).unwrap();
        prop_assert_eq!(decide(&catalog, &asked), expected);
    }

    #[test]
    fn nobody_skips_a_required_release_because_it_is_old_or_not_here_yet(
        channel in channel(), asked in installed(), history_limit in 0..3_u8,
        missing in prop::option::of(prop::sample::select(&MACHINES[..])),
    ) {
        let is_here = |one: &SnapshotArtifact| Some((one.facts.platform, one.facts.arch)) != missing;
        let catalog = SnapshotCatalog::of(manifest(&channel, history_limit), is_here).unwrap();
        let Some(offer) = decide(&catalog, &asked).offer else { return Ok(()) };
        let skipped = channel.live.iter().find(|release| {
            let is_between = release.version > asked.current_version.parse().unwrap() && release.version < offer.version;
            release.upgrade_path.required && is_between && model::fits(release, &asked, &product())
        });
        prop_assert_eq!(skipped, None);
    }

    #[test]
    fn what_is_neither_here_nor_elsewhere_is_not_offered(channel in channel(), asked in installed()) {
        // All of it is in the vendor's storage, and nothing came.
        let catalog = SnapshotCatalog::of(manifest(&channel, MAX_HISTORY), |_| false).unwrap();
        let decision = decide(&catalog, &asked);
        prop_assert_eq!(decision.offer, None);
    }
}
