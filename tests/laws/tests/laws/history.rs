//! What happens on a channel over time, its head kept as the catalog keeps it, and decisions made
//! as the function makes them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use slipway_domain::channel_head::{ChannelHead, LiveRelease, PendingHead, RequiredRelease};
use slipway_domain::decision::{
    Decision, DecisionInputs, InstalledProduct, Lookup, LookupResults, Recorded, Rule, RuleResult,
    Trace, UpdateCheck, VersionSpan,
};
use slipway_domain::policy::Policy;
use slipway_domain::product::Product;
use slipway_domain::release::{Release, ReleaseArtifact, ReleaseStatus};
use slipway_domain::{Channel, Version};

use crate::catalog::product;

/// How often a decision may look something up.
const LOOKUPS: usize = 10;

/// All releases of a channel and its head.
pub struct History {
    pub releases: BTreeMap<Version, Release>,
    pub head: ChannelHead,
    pub changes: u64,
    pub last_revoked: Option<Version>,
}

impl History {
    pub fn new() -> Self {
        Self::on(Channel::default())
    }

    pub fn on(channel: Channel) -> Self {
        let head = ChannelHead::empty("prod_app".parse().unwrap(), channel);
        Self { releases: BTreeMap::new(), head, changes: 0, last_revoked: None }
    }

    /// Brings a release into a new state: publishes it, changes its rollout, or revokes it.
    pub fn change(&mut self, release: Release) {
        let (head, before) = (self.head.clone(), self.releases.get(&release.version));
        self.head = match before {
            None => head.published(&release),
            Some(_) if release.status == ReleaseStatus::Revoked => {
                self.completed(head.withdrawn(&release))
            }
            Some(before) => self.completed(head.changed(before, &release)),
        };
        if release.status == ReleaseStatus::Revoked {
            self.last_revoked = Some(release.version.clone());
        }
        self.releases.insert(release.version.clone(), release);
        self.changes += 1;
    }

    fn completed(&self, mut pending: PendingHead) -> ChannelHead {
        let below = pending.below().clone();
        for live in self.published().filter(|live| live.version < below) {
            if pending.is_complete() {
                break;
            }
            pending.see(&live);
        }
        assert!(pending.is_complete(), "{pending:?}");
        pending.finish()
    }

    /// Every published release, newest first.
    pub fn published(&self) -> impl Iterator<Item = LiveRelease> {
        let releases = self.releases.values().rev();
        releases.filter(|one| one.status == ReleaseStatus::Published).map(LiveRelease::from)
    }
}

/// What a client is told, by a function that looks up what it needs among `releases`.
pub fn decide(
    head: &ChannelHead,
    releases: &[Release],
    policy: &Policy,
    asked: &InstalledProduct,
) -> Decision {
    decide_of(&product(), head, releases, policy, asked)
}

/// The same of a product.
pub fn decide_of(
    product: &Product,
    head: &ChannelHead,
    releases: &[Release],
    policy: &Policy,
    asked: &InstalledProduct,
) -> Decision {
    decide_on(product, &[(head, releases)], policy, asked)
}

/// The same on some channels, each with its head and its releases.
pub fn decide_on(
    product: &Product,
    places: &[(&ChannelHead, &[Release])],
    policy: &Policy,
    asked: &InstalledProduct,
) -> Decision {
    let check = UpdateCheck::from(asked.clone());
    let (mut lookups, trace) = (LookupResults::default(), Trace::default());
    let heads: Vec<&ChannelHead> = places.iter().map(|(head, _)| *head).collect();
    let of = |channel: &Channel| {
        let place = places.iter().find(|(head, _)| head.channel == *channel);
        place.map(|(_, releases)| *releases).unwrap()
    };
    for _ in 0..=LOOKUPS * places.len() {
        let known = DecisionInputs {
            product: Some(product),
            tenant: None,
            heads: &heads,
            policy,
            lookups: &lookups,
            trace: Some(&trace),
        };
        let url =
            |artifact: &ReleaseArtifact| format!("https://example.com/{}", artifact.artifact_id);
        let lookup = match check.decide(known, url) {
            Ok(decision) => {
                let unwatched = check.decide(DecisionInputs { trace: None, ..known }, url);
                assert_eq!(unwatched.as_ref(), Ok(&decision));
                assert_explained(&trace.into_recorded(), &decision);
                return decision;
            }
            Err(lookup) => lookup,
        };
        let found = match &lookup {
            Lookup::Release(channel, version) => {
                of(channel).iter().find(|one| one.version == *version)
            }
            Lookup::Newest(channel, span) => {
                let all = of(channel).iter().filter(|one| includes(span, &one.version));
                all.filter(|one| check.may_be_offered(one, known)).max_by_key(|one| &one.version)
            }
            Lookup::Required(channel, span) => {
                let version = lowest_required(of(channel), span, &check, product);
                lookups.add_required(channel.clone(), span.clone(), version);
                continue;
            }
        };
        lookups.add(lookup, found.cloned().map(Arc::new));
    }
    panic!("more than {LOOKUPS} lookups: {lookups:?}")
}

/// The last rule that decided has the decision's reason and release, and no rule is considered
/// after one that ends the search.
fn assert_explained(recorded: &Recorded, decision: &Decision) {
    let decided = || recorded.rules.iter().filter(|one| one.result == RuleResult::Decided);
    let reason = decided().next_back().and_then(|one| one.reason);
    assert_eq!(reason, Some(decision.reason), "{recorded:?}");
    let version = decided().find_map(|one| one.version.as_ref());
    assert_eq!(version, decision.offer.as_ref().map(|offer| &offer.version), "{recorded:?}");
    let chosen = decided().filter(|one| one.rule != Rule::Mode).count();
    assert_eq!(chosen, 1, "{recorded:?}");
    let last = recorded.rules.last().map(|one| one.rule);
    assert_eq!(last, Some(Rule::Mode), "{recorded:?}");
}

/// What is found by walking up the rows of required releases.
fn lowest_required(
    releases: &[Release],
    span: &VersionSpan,
    check: &UpdateCheck,
    product: &Product,
) -> Option<Version> {
    let required = releases.iter().filter(|one| {
        one.status == ReleaseStatus::Published
            && one.upgrade_path.required
            && includes(span, &one.version)
            && check.runs_any(&RequiredRelease::from(*one).targets, Some(product))
    });
    required.map(|one| one.version.clone()).min()
}

fn includes(span: &VersionSpan, version: &Version) -> bool {
    let is_below = match &span.upper {
        Bound::Unbounded => true,
        Bound::Included(upper) => version <= upper,
        Bound::Excluded(upper) => version < upper,
    };
    is_below && span.above.as_ref().is_none_or(|above| version > above)
}
