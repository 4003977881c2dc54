//! A snapshot as a catalog: decisions from what it has, and from nothing else.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use slipway_domain::artifact::ExternalUrl;
use slipway_domain::channel_head::{ChannelHead, LiveRelease, Target};
use slipway_domain::decision::{
    Decision, DecisionInputs, Lookup, LookupResults, UpdateCheck, VersionSpan,
};
use slipway_domain::policy::Policy;
use slipway_domain::product::{MAX_FOLLOWED, NewProduct, Product};
use slipway_domain::release::{Halting, Release, ReleaseArtifact, ReleaseStatus, UpgradePath};
use slipway_domain::rollout::Rollout;
use slipway_domain::tenant::{AllProducts, Entitlement, Tenant};
use slipway_domain::{Channel, Error, ProductId, Result, Timestamp, Version};

use crate::manifest::{Manifest, SnapshotArtifact, SnapshotRelease};

/// How often a decision may look something up on each channel: more often than any has to.
const MAX_LOOKUPS: usize = 16;

/// The products, releases and the tenant of a snapshot, as decisions need them.
///
/// Policies are not in snapshots: the default one counts. Nor are revoked versions, nor products
/// without a live release.
#[derive(Debug)]
pub struct SnapshotCatalog {
    tenant: Tenant,
    products: BTreeMap<ProductId, Product>,
    channels: BTreeMap<(ProductId, Channel), ChannelContents>,
}

/// What a snapshot has of a channel.
#[derive(Debug)]
struct ChannelContents {
    head: ChannelHead,
    /// The live releases, highest version first.
    releases: Vec<Arc<Release>>,
}

impl SnapshotCatalog {
    /// The catalog of `manifest`, for who has the artifacts that `is_here` says. Another one is
    /// offered from where its vendor has it if that is an address of the vendor's choice; else it
    /// is left out of its release. A required release that lacks one is offered to nobody, and holds
    /// its clients back.
    ///
    /// # Errors
    /// `internal` for a snapshot whose ids make no product or tenant, which is none of Slipway's.
    pub fn of(manifest: Manifest, is_here: impl Fn(&SnapshotArtifact) -> bool) -> Result<Self> {
        let now = manifest.created_at;
        let name = manifest.tenant_id.as_str().parse().map_err(Error::internal)?;
        let tenant = Tenant {
            tenant_id: manifest.tenant_id,
            name,
            products: Entitlement::All(AllProducts::AllProducts),
            suspended: false,
            created_at: now,
            updated_at: now,
        };
        let (products, channels) = (BTreeMap::new(), BTreeMap::new());
        let mut catalog = Self { tenant, products, channels };
        let mut releases = manifest.releases;
        releases.sort_by(|a, b| b.version.cmp(&a.version));
        for release in releases {
            let followers = release.followed_by.clone();
            catalog.add(self::release(release, now, &is_here), followers)?;
        }
        Ok(catalog)
    }

    /// Adds a release that is lower than those of its channel that the catalog has, and that clients
    /// on `followers` are offered as well.
    fn add(&mut self, release: Release, followers: BTreeSet<Channel>) -> Result<()> {
        let (product_id, channel) = (release.product_id.clone(), release.channel.clone());
        let product = match self.products.entry(product_id.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(product(&product_id, release.created_at)?),
        };
        for follower in followers {
            product.channel_follows.insert(follower, channel.clone());
        }
        let contents =
            self.channels.entry((product_id.clone(), channel.clone())).or_insert_with(|| {
                let head = ChannelHead::empty(product_id, channel);
                ChannelContents { head, releases: Vec::new() }
            });
        contents.head.count(&LiveRelease::from(&release));
        contents.releases.push(Arc::new(release));
        Ok(())
    }

    /// Decides as Slipway does. `locate` returns the download URL of an artifact.
    #[must_use]
    pub fn decide(
        &self,
        check: &UpdateCheck,
        locate: impl Fn(&ReleaseArtifact) -> String,
    ) -> Decision {
        let (policy, mut lookups) = (Policy::default(), LookupResults::default());
        let contents = self.offered(check, &policy);
        let named = check.tenant_id.as_ref().and_then(|named| named.as_ref().ok());
        let heads: Vec<_> = contents.iter().map(|contents| &contents.head).collect();
        for _ in 0..MAX_LOOKUPS * (1 + MAX_FOLLOWED) {
            let known = DecisionInputs {
                product: check.product_id.as_ref().and_then(|id| self.products.get(id)),
                tenant: Some(&self.tenant).filter(|tenant| named == Some(&tenant.tenant_id)),
                heads: &heads,
                policy: &policy,
                lookups: &lookups,
                trace: None,
            };
            let lookup = match check.decide(known, &locate) {
                Ok(decision) => return decision,
                Err(lookup) => lookup,
            };
            let on = |contents: &&&ChannelContents| contents.head.channel == *lookup.channel();
            let found = contents.iter().find(on);
            let found = found.and_then(|contents| contents.find(&lookup, check, known));
            match lookup {
                Lookup::Required(channel, span) => {
                    let version = found.map(|release| release.version.clone());
                    lookups.add_required(channel, span, version);
                }
                lookup => lookups.add(lookup, found),
            }
        }
        check.deferred(&policy)
    }

    /// What there is of the channel of a check and of those that it follows.
    fn offered(&self, check: &UpdateCheck, policy: &Policy) -> Vec<&ChannelContents> {
        let product = check.product_id.as_ref().and_then(|id| self.products.get(id));
        let Some((product, channel)) = product.zip(check.channel(policy)) else {
            return Vec::new();
        };
        let place = |channel: &Channel| (product.product_id.clone(), channel.clone());
        let channels = product.offered_channels(&channel);
        channels.filter_map(|channel| self.channels.get(&place(channel))).collect()
    }
}

impl ChannelContents {
    /// What a decision has to know beyond the head.
    fn find(
        &self,
        lookup: &Lookup,
        check: &UpdateCheck,
        known: DecisionInputs<'_>,
    ) -> Option<Arc<Release>> {
        let mut releases = self.releases.iter();
        let found = match lookup {
            Lookup::Release(_, version) => releases.find(|one| one.version == *version),
            Lookup::Newest(_, span) => releases
                .find(|one| is_within(span, &one.version) && check.may_be_offered(one, known)),
            Lookup::Required(_, span) => releases.rfind(|one| {
                let targets = one.artifacts.iter().map(Target::from).collect();
                is_within(span, &one.version)
                    && one.upgrade_path.required
                    && check.runs_any(&targets, known.product)
            }),
        };
        found.cloned()
    }
}

fn is_within(span: &VersionSpan, version: &Version) -> bool {
    let is_below = match &span.upper {
        Bound::Unbounded => true,
        Bound::Included(upper) => version <= upper,
        Bound::Excluded(upper) => version < upper,
    };
    is_below && !span.ends_before(version)
}

/// A product of which a snapshot says no more than its id.
fn product(id: &ProductId, now: Timestamp) -> Result<Product> {
    let new = serde_json::json!({ "product_id": id, "name": id });
    let new: NewProduct = serde_json::from_value(new).map_err(Error::internal)?;
    new.create(now, id.clone())
}

fn release(
    release: SnapshotRelease,
    now: Timestamp,
    is_here: impl Fn(&SnapshotArtifact) -> bool,
) -> Release {
    let offered = |artifact: &SnapshotArtifact| artifact_for(artifact, is_here(artifact));
    let mut artifacts: Vec<_> = release.artifacts.iter().filter_map(offered).collect();
    let mut rollout = Rollout::from(release.rollout);
    if release.required && artifacts.len() < release.artifacts.len() {
        // Clients must not skip it because its bytes are not here yet: they wait for them.
        let whole = |artifact: &SnapshotArtifact| artifact_for(artifact, true);
        artifacts = release.artifacts.iter().filter_map(whole).collect();
        rollout.paused = true;
    }
    Release {
        release_id: release.release_id,
        product_id: release.product_id,
        version: release.version,
        channel: release.channel,
        status: ReleaseStatus::Published,
        artifacts,
        metadata: release.metadata,
        rollout: rollout.into(),
        halting: Halting::default(),
        upgrade_path: UpgradePath {
            required: release.required,
            min_current_version: release.min_current_version,
        },
        created_at: release.published_at.unwrap_or(now),
        created_by: String::new(),
        published_at: release.published_at,
        published_by: None,
        promoted_from: None,
        revocation: None,
    }
}

/// The artifact, with its external URL where it is offered from there; `None` if it can't be
/// offered.
fn artifact_for(artifact: &SnapshotArtifact, is_here: bool) -> Option<ReleaseArtifact> {
    let external_url = if is_here {
        None
    } else {
        let external = Some(&artifact.download_url).filter(|_| artifact.is_external());
        Some(ExternalUrl::from_stored(external?).ok()?)
    };
    Some(artifact.facts.clone().into_release_artifact(external_url, artifact.verified))
}
