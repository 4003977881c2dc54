//! `ChannelHead`: whatever happened on a channel, its head is what can be told from the releases
//! alone, and a decision on it is the one that all releases give.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;
use slipway_domain::channel_head::{
    ChannelHead, HeadCoverage, LiveRelease, MAX_NEWEST_BYTES, MAX_RECENT, MAX_REQUIRED,
    ReleaseSummary, RequiredRelease, RequiredReleases, Target, TargetReleases,
};
use slipway_domain::decision::DecisionReason;
use slipway_domain::platform::{Arch, Platform};
use slipway_domain::policy::Policy;
use slipway_domain::release::{Release, ReleaseStatus, UpgradePath};
use slipway_domain::rollout::Rollout;
use slipway_domain::{Channel, Version};

use crate::catalog::{Channels, MACHINES, any_product, policy, release, rollout};
use crate::decision::installed;
use crate::history::{History, decide, decide_of};
use crate::model;

/// Something that happens on a channel.
#[derive(Debug, Clone)]
pub enum Event {
    /// A version is published for some machines.
    Publish(Version, Vec<(Platform, Arch)>, Rollout, Facts),
    /// The metadata of a version is corrected.
    Correct(Version, Facts),
    /// The rollout of a version is changed.
    RollOut(Version, Rollout),
    /// A version is revoked.
    Revoke(Version),
}

/// What the metadata of a release says.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// So many bytes of notes.
    bytes: usize,
    /// The oldest operating system that it runs on.
    min_os: Option<u8>,
    /// Whether clients may not skip it.
    required: bool,
    /// The major version that a client must have before.
    min_current: Option<u8>,
}

fn facts() -> impl Strategy<Value = Facts> {
    // Metadata that is too large for a head, now and then.
    let bytes = prop_oneof![9 => Just(0_usize), 1 => Just(MAX_NEWEST_BYTES)];
    let min_os = prop::option::weighted(0.3, 1..5_u8);
    let required = prop::bool::weighted(0.15);
    let facts = (bytes, min_os, required, prop::option::weighted(0.15, 0..5_u8));
    facts.prop_map(|(bytes, min_os, required, min_current)| Facts {
        bytes,
        min_os,
        required,
        min_current,
    })
}

/// More versions than a history has events, around those that clients have.
pub fn version() -> impl Strategy<Value = Version> {
    let pre = prop_oneof![4 => Just(""), 1 => Just("-rc.1")];
    (0..5_u8, 0..12_u8, 0..10_u8, pre).prop_map(|(major, minor, patch, pre)| {
        format!("{major}.{minor}.{patch}{pre}").parse().unwrap()
    })
}

pub fn event() -> impl Strategy<Value = Event> {
    let machines = || prop::sample::subsequence(MACHINES.to_vec(), 1..=MACHINES.len());
    let publish = (version(), machines(), rollout(), facts());
    prop_oneof![
        5 => publish.prop_map(|(version, machines, rollout, facts)| {
            Event::Publish(version, machines, rollout, facts)
        }),
        1 => (version(), facts()).prop_map(|(version, facts)| Event::Correct(version, facts)),
        2 => (version(), rollout()).prop_map(|(version, rollout)| Event::RollOut(version, rollout)),
        2 => version().prop_map(Event::Revoke),
    ]
}

/// Metadata and upgrade path of a release that says nothing.
const NOTHING: Facts = Facts { bytes: 0, min_os: None, required: false, min_current: None };

/// An event on a channel of version 0.1.0, which knows no upgrade paths.
fn event_of_0_1_0() -> impl Strategy<Value = Event> {
    let facts = |facts| Facts { required: false, min_current: None, ..facts };
    event().prop_map(move |event| match event {
        Event::Publish(version, machines, rollout, told) => {
            Event::Publish(version, machines, rollout, facts(told))
        }
        Event::Correct(version, told) => Event::Correct(version, facts(told)),
        other => other,
    })
}

impl History {
    /// Lets it happen, to the version that is nearest from above, if there is one.
    fn happen(&mut self, event: Event) {
        let published = |version: &Version| {
            let mut above = self.releases.range(version..).map(|(_, release)| release);
            above.find(|release| release.status == ReleaseStatus::Published).cloned()
        };
        let changed = match event {
            Event::Publish(version, machines, rollout, facts) => {
                let is_new = !self.releases.contains_key(&version);
                is_new.then(|| told(release(&version, rollout, &machines), facts))
            }
            Event::Correct(version, facts) => {
                published(&version).map(|release| told(release, facts))
            }
            Event::RollOut(version, rollout) => {
                published(&version).map(|release| Release { rollout: rollout.into(), ..release })
            }
            Event::Revoke(version) => published(&version)
                .map(|release| Release { status: ReleaseStatus::Revoked, ..release }),
        };
        if let Some(release) = changed {
            self.change(release);
        }
    }

    pub fn channels(&self) -> Channels {
        let of = |status| {
            self.releases
                .values()
                .filter(move |release| release.status == status)
                .cloned()
                .collect()
        };
        Channels { live: of(ReleaseStatus::Published), revoked: of(ReleaseStatus::Revoked) }
    }

    pub fn all(&self) -> Vec<Release> {
        self.releases.values().cloned().collect()
    }
}

/// The release with metadata that says `facts`.
fn told(release: Release, facts: Facts) -> Release {
    let Facts { bytes, min_os, required, min_current } = facts;
    let mut members = serde_json::Map::new();
    if bytes > 0 {
        members.insert("notes".to_owned(), json!("x".repeat(bytes)));
    }
    if let Some(min_os) = min_os {
        members.insert("min_os_version".to_owned(), json!(min_os.to_string()));
    }
    let metadata = (!members.is_empty()).then(|| serde_json::from_value(members.into()).unwrap());
    let minimum = min_current.map(|major| format!("{major}.0.0").parse().unwrap());
    let min_current_version = minimum.filter(|minimum| *minimum <= release.version);
    let upgrade_path = UpgradePath { required, min_current_version };
    Release { metadata, upgrade_path, ..release }
}

/// What is live for each target, counted anew.
fn targets(published: &[LiveRelease]) -> BTreeMap<Target, TargetReleases> {
    let mut targets = BTreeMap::new();
    for (platform, arch) in MACHINES {
        let target = Target { platform, arch };
        let of = || {
            published.iter().filter(move |one| ReleaseSummary::from(*one).targets.contains(&target))
        };
        let for_all = || of().filter(|one| one.rollout == Rollout::default());
        if let Some(newest) = of().map(|one| one.version.clone()).max() {
            let (live, rolled_out) = (of().count() as u64, for_all().count() as u64);
            let newest_rolled_out = for_all().map(|one| one.version.clone()).max();
            let releases = TargetReleases { live, newest, rolled_out, newest_rolled_out };
            targets.insert(target, releases);
        }
    }
    targets
}

fn check(history: &History) {
    let (head, published): (_, Vec<_>) = (&history.head, history.published().collect());
    let summaries: Vec<_> = published.iter().map(ReleaseSummary::from).collect();
    assert_eq!(head.recent, summaries[..summaries.len().min(MAX_RECENT)]);
    let small = |live: &&LiveRelease| json!(live).to_string().len() <= MAX_NEWEST_BYTES;
    assert_eq!(head.newest.as_ref(), published.first().filter(small));
    assert_eq!(head.targets, targets(&published));
    let revoked = history.releases.values().filter(|one| one.status == ReleaseStatus::Revoked);
    assert_eq!(head.highest_revoked.as_ref(), revoked.map(|one| &one.version).max());
    assert_eq!(head.last_revoked, history.last_revoked);
    check_required(head, &summaries);
    assert_eq!((head.live, head.revision), (published.len() as u64, history.changes));
}

/// The highest required releases are listed, and the head knows where it stops.
fn check_required(head: &ChannelHead, summaries: &[ReleaseSummary]) {
    let RequiredReleases { live, listed, unlisted_to } = &head.required;
    let all = || summaries.iter().filter(|one| one.upgrade_path.required);
    let is_listed = |one: &&ReleaseSummary| unlisted_to.as_ref().is_none_or(|to| one.version > *to);
    let expected: Vec<_> = all().filter(is_listed).map(RequiredRelease::from).collect();
    assert_eq!((*live, listed), (all().count() as u64, &expected));
    assert!(listed.len() <= MAX_REQUIRED);
    assert_eq!(unlisted_to.is_none(), listed.len() as u64 == *live);
}

/// The head that version 0.1.0 would have, with room for so many releases.
fn legacy(history: &History, room: usize) -> ChannelHead {
    let empty = ChannelHead::empty("prod_app".parse().unwrap(), Channel::default());
    let live: Vec<_> = history.published().collect();
    let is_truncated = live.len() > room;
    let revoked = history.channels().revoked.into_iter().rev().map(|release| release.version);
    let live = live.into_iter().take(room).collect();
    ChannelHead::from_legacy(empty, live, revoked.take(500).collect(), is_truncated)
}

pub fn history(events: Vec<Event>) -> History {
    let mut history = History::new();
    for event in events {
        history.happen(event);
    }
    history
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_head_is_what_its_releases_make_it_after_each_change(events in prop::collection::vec(event(), 1..120)) {
        let mut history = History::new();
        for event in events {
            history.happen(event);
            check(&history);
        }
    }

    #[test]
    fn a_decision_is_the_one_that_all_releases_give(
        events in prop::collection::vec(event(), 1..800), policies in prop::collection::vec(policy(), 4),
        clients in prop::collection::vec((version(), installed()), 40), product in any_product(),
    ) {
        let history = history(events);
        let (channels, all) = (history.channels(), history.all());
        for (index, (version, mut asked)) in clients.into_iter().enumerate() {
            asked.current_version = version.to_string();
            let none = Policy::default();
            let policy = policies.get(index % 8).unwrap_or(&none);
            let decision = decide_of(&product, &history.head, &all, policy, &asked);
            let offered = decision.offer.as_ref().map(|offer| offer.version.clone());
            let expected = model::offered(&channels, policy, &asked, &product);
            prop_assert_eq!(offered, expected, "{:?} {:?}", decision, asked);
            let is_withdrawn = model::is_withdrawn(&channels, policy, &version);
            if decision.reason == DecisionReason::CurrentVersionRevoked {
                prop_assert!(is_withdrawn);
            } else if decision.offer.is_none() && !is_unknown(decision.reason) {
                prop_assert!(!is_withdrawn, "{:?}", decision);
            }
        }
    }

    // Rows are read one after another, and heads are kept for a moment.
    #[test]
    fn on_a_head_that_lags_nothing_that_was_looked_up_is_offered_unless_it_is_live(
        events in prop::collection::vec(event(), 1..200), later in prop::collection::vec(event(), 1..60),
        clients in prop::collection::vec((version(), installed(), policy()), 20),
    ) {
        let mut history = history(events);
        let head = history.head.clone();
        later.into_iter().filter(|event| matches!(event, Event::Revoke(_))).for_each(|event| history.happen(event));
        let (all, published): (_, Vec<_>) = (history.all(), history.published().collect());
        for (version, mut asked, policy) in clients {
            asked.current_version = version.to_string();
            if let Some(offer) = decide(&head, &all, &policy, &asked).offer {
                let is_held = head.newest.as_ref().is_some_and(|newest| newest.version == offer.version);
                prop_assert!(is_held || published.iter().any(|live| live.version == offer.version));
            }
        }
    }

    #[test]
    fn a_head_that_version_0_1_0_wrote_gives_the_same_decisions_and_is_counted_anew(
        events in prop::collection::vec(event_of_0_1_0(), 1..300), room in 0..80_usize,
        clients in prop::collection::vec((version(), installed(), policy()), 20),
    ) {
        let history = history(events);
        let all = history.all();
        let legacy = legacy(&history, room.max(1));
        for (version, mut asked, policy) in clients {
            asked.current_version = version.to_string();
            for policy in [Policy::default(), policy] {
                let today = decide(&history.head, &all, &policy, &asked);
                prop_assert_eq!(decide(&legacy, &all, &policy, &asked), today);
            }
        }
        let mut counted = legacy.before_counting();
        history.published().for_each(|live| counted.count(&live));
        // Only these are not known of the releases.
        let (revision, last_revoked) = (history.head.revision, history.last_revoked);
        prop_assert_eq!(ChannelHead { revision, last_revoked, ..counted }, history.head);
        prop_assert_ne!(legacy.coverage, HeadCoverage::Complete);
    }
}

/// Whether nothing else was looked at, because nobody knows the client's machine.
fn is_unknown(reason: DecisionReason) -> bool {
    matches!(reason, DecisionReason::UnknownPlatform | DecisionReason::UnknownArch)
}

fn version_of(minor: usize) -> Version {
    format!("1.{minor}.0").parse().unwrap()
}

#[test]
fn the_newest_release_is_held_whole_to_the_last_byte_of_its_room() {
    let at = |bytes| {
        told(release(&version_of(0), Rollout::default(), &MACHINES), Facts { bytes, ..NOTHING })
    };
    let of = |release: &Release| json!(LiveRelease::from(release)).to_string().len();
    let empty = of(&at(1)) - 1;
    for (bytes, is_whole) in
        [(MAX_NEWEST_BYTES - empty, true), (MAX_NEWEST_BYTES - empty + 1, false)]
    {
        let mut history = History::new();
        history.change(at(bytes));
        assert_eq!(history.head.newest.is_some(), is_whole);
        assert_eq!(history.head.recent[0].version, version_of(0));
    }
}

#[test]
fn a_revoked_version_is_known_however_many_were_revoked_since() {
    let mut history = History::new();
    for minor in 0..1_000 {
        let release = release(&version_of(minor), Rollout::default(), &MACHINES);
        history.change(release.clone());
        history.change(Release { status: ReleaseStatus::Revoked, ..release });
    }
    let asked = json!({ "product_id": "prod_app", "current_version": "1.0.0" });
    let asked = serde_json::from_value(asked).unwrap();
    let decision = decide(&history.head, &history.all(), &Policy::default(), &asked);
    assert_eq!(decision.reason, DecisionReason::CurrentVersionRevoked);
}

#[test]
fn the_oldest_of_ten_thousand_releases_is_offered_where_a_client_can_have_no_other() {
    let mut history = History::new();
    for minor in 0..10_000 {
        let machines = if minor == 0 { &MACHINES[..] } else { &MACHINES[..1] };
        history.change(release(&version_of(minor), Rollout::default(), machines));
    }
    let asked =
        json!({ "product_id": "prod_app", "current_version": "0.1.0", "platform": "linux" });
    let asked = serde_json::from_value(asked).unwrap();
    let decision = decide(&history.head, &history.all(), &Policy::default(), &asked);
    assert_eq!(decision.offer.unwrap().version, version_of(0));
}
