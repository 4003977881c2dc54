//! `SnapshotCatalog`: a snapshot that has all releases of a channel decides as the catalog does.

use proptest::prelude::*;
use serde_json::json;
use slipway_domain::decision::{Decision, InstalledProduct, UpdateCheck};
use slipway_domain::policy::Policy;
use slipway_domain::release::{Release, ReleaseArtifact};
use slipway_domain::tenant::{AllProducts, Entitlement};
use slipway_domain::{Channel, Sha256};
use slipway_snapshot::{ChannelReleases, Contents, MAX_HISTORY, Manifest, SnapshotCatalog};

use crate::catalog::{Channels, channel};
use crate::decision::installed;
use crate::history::History;

/// The snapshot of what is live on a channel, as it comes out of its own JSON.
fn manifest(channel: &Channels) -> Manifest {
    let mut history = History::new();
    for release in &channel.live {
        history.change(release.clone());
    }
    let releases = ChannelReleases {
        product_id: "prod_app".parse().unwrap(),
        channel: Channel::default(),
        releases: history.published().collect(),
    };
    let entitlement = Entitlement::All(AllProducts::AllProducts);
    let url = |artifact: &ReleaseArtifact| artifact.download_url_for("https://api.example.com");
    let contents = Contents::of([releases], &entitlement, MAX_HISTORY, url);
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

fn decide(catalog: &SnapshotCatalog, asked: &InstalledProduct) -> Decision {
    catalog.decide(&UpdateCheck::from(asked.clone()), url)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_snapshot_decides_as_the_catalog_that_it_was_made_of(channel in channel(), asked in installed()) {
        // What a snapshot does not know: what was revoked, and products without a live release.
        let channel = Channels { revoked: Vec::new(), ..channel };
        prop_assume!(!channel.live.is_empty());
        let releases: Vec<Release> = channel.releases().collect();
        let expected = crate::history::decide(&channel.head(), &releases, &Policy::default(), &asked);
        let catalog = SnapshotCatalog::of(manifest(&channel), |_| true).unwrap();
        prop_assert_eq!(decide(&catalog, &asked), expected);
    }

    #[test]
    fn what_is_neither_here_nor_elsewhere_is_not_offered(channel in channel(), asked in installed()) {
        // All of it is in the vendor's storage, and nothing came.
        let catalog = SnapshotCatalog::of(manifest(&channel), |_| false).unwrap();
        let decision = decide(&catalog, &asked);
        prop_assert_eq!(decision.offer, None);
    }
}
