//! `ChannelHead`: whatever happened on a channel, its head is what can be told from the releases
//! alone.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;
use slipway_domain::channel_head::{ChannelHead, LiveRelease, MAX_BYTES, MAX_REVOKED, REFILL};
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::rollout::Rollout;
use slipway_domain::{Channel, Version};

use crate::catalog::{MACHINES, release, rollout, version};

/// Something that happens on a channel.
#[derive(Debug, Clone)]
enum Event {
    /// A version is published, with so many bytes of metadata.
    Publish(Version, usize),
    /// A version's rollout is changed.
    RollOut(Version, Rollout),
    /// A version is revoked.
    Revoke(Version),
}

fn event() -> impl Strategy<Value = Event> {
    // Sixteen of the fat ones fill a head; there are 54 versions.
    let bytes = prop_oneof![2 => Just(15_000_usize), 1 => 0..2_000_usize, 1 => Just(100_000)];
    prop_oneof![
        6 => (version(), bytes).prop_map(|(version, bytes)| Event::Publish(version, bytes)),
        1 => (version(), rollout()).prop_map(|(version, rollout)| Event::RollOut(version, rollout)),
        2 => version().prop_map(Event::Revoke),
    ]
}

/// All releases of a channel and its head, kept as the catalog keeps them.
struct History {
    releases: BTreeMap<Version, Release>,
    head: ChannelHead,
    changes: u64,
}

impl History {
    fn new() -> Self {
        let head = ChannelHead::empty("prod_app".parse().unwrap(), Channel::default());
        Self { releases: BTreeMap::new(), head, changes: 0 }
    }

    fn happen(&mut self, event: Event) {
        let known = |version: &Version, status| {
            self.releases.get(version).filter(|release| release.status == status).cloned()
        };
        let changed = match event {
            Event::Publish(version, bytes) if !self.releases.contains_key(&version) => {
                Some(fat(&version, bytes))
            }
            Event::RollOut(version, rollout) => known(&version, ReleaseStatus::Published)
                .map(|release| Release { rollout, ..release }),
            Event::Revoke(version) => known(&version, ReleaseStatus::Published)
                .map(|release| Release { status: ReleaseStatus::Revoked, ..release }),
            Event::Publish(..) => None,
        };
        if let Some(release) = changed {
            self.change(release);
        }
    }

    fn change(&mut self, release: Release) {
        let head = self.head.clone();
        self.head = match release.status {
            // The catalog reads what was left out before it writes the revocation.
            ReleaseStatus::Revoked => head.without(&release, self.left_out()),
            _ => head.with(&release),
        };
        self.releases.insert(release.version.clone(), release);
        self.changes += 1;
    }

    /// Every published release, newest first.
    fn published(&self) -> impl Iterator<Item = LiveRelease> {
        let published = self
            .releases
            .values()
            .rev()
            .filter(|release| release.status == ReleaseStatus::Published);
        published.map(LiveRelease::from)
    }

    fn left_out(&self) -> Vec<LiveRelease> {
        let oldest =
            self.head.live.last().map(|live| live.version.clone()).filter(|_| self.head.truncated);
        oldest.map_or_else(Vec::new, |oldest| {
            self.published().filter(|live| live.version < oldest).take(REFILL).collect()
        })
    }

    fn revoked(&self) -> Vec<Version> {
        let revoked =
            self.releases.values().rev().filter(|release| release.status == ReleaseStatus::Revoked);
        revoked.map(|release| release.version.clone()).collect()
    }
}

fn fat(version: &Version, bytes: usize) -> Release {
    let metadata = serde_json::from_value(json!({ "notes": "x".repeat(bytes) })).unwrap();
    Release { metadata: Some(metadata), ..release(version, Rollout::default(), &MACHINES) }
}

fn size(live: &LiveRelease) -> usize {
    json!(live).to_string().len()
}

fn total(live: &[LiveRelease]) -> usize {
    live.iter().map(size).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_head_has_the_newest_live_releases_as_they_are_and_says_whether_there_are_more(events in prop::collection::vec(event(), 0..80)) {
        let mut history = History::new();
        for event in events {
            history.happen(event);
            let published: Vec<_> = history.published().collect();
            let head = &history.head;
            prop_assert_eq!(&head.live[..], &published[..head.live.len()]);
            prop_assert_eq!(head.truncated, head.live.len() < published.len());
            prop_assert!(total(&head.live) <= MAX_BYTES || head.live.len() == 1);
            prop_assert!(!head.live.is_empty() || published.is_empty());
            prop_assert_eq!(&head.revoked, &history.revoked());
            prop_assert_eq!(head.revision, history.changes);
        }
    }

    #[test]
    fn a_revocation_lets_in_as_many_as_fit(events in prop::collection::vec(event(), 0..80)) {
        let mut history = History::new();
        for event in events {
            let revoking = matches!(event, Event::Revoke(_));
            let before = history.changes;
            history.happen(event);
            if revoking && history.changes > before {
                let next = history.published().nth(history.head.live.len());
                prop_assert!(next.is_none_or(|next| total(&history.head.live) + size(&next) > MAX_BYTES));
            }
        }
    }
}

fn version_of(minor: usize) -> Version {
    format!("1.{minor}.0").parse().unwrap()
}

#[test]
fn a_head_is_filled_to_its_last_byte_and_not_beyond() {
    let empty = size(&LiveRelease::from(&fat(&version_of(0), 0)));
    for (bytes, live, truncated) in
        [(MAX_BYTES - 2 * empty, 2, false), (MAX_BYTES - 2 * empty + 1, 1, true)]
    {
        let mut history = History::new();
        history.change(fat(&version_of(0), 0));
        history.change(fat(&version_of(1), bytes));
        assert_eq!((history.head.live.len(), history.head.truncated), (live, truncated));
        assert_eq!(history.head.live[0].version, version_of(1));
    }
}

#[test]
fn more_releases_than_one_refill_brings_are_not_forgotten() {
    let mut history = History::new();
    history.change(fat(&version_of(500), MAX_BYTES - 2_000));
    for minor in 180..500 {
        history.change(fat(&version_of(minor), 0));
    }
    assert!(history.head.live.len() < 10, "the fat one leaves next to no room");
    // Revoking it frees room for more than one refill; each revocation after that brings the next.
    for minor in [500, 499, 498, 497] {
        let revoked = history.releases[&version_of(minor)].clone();
        history.change(Release { status: ReleaseStatus::Revoked, ..revoked });
        let published: Vec<_> = history.published().collect();
        assert_eq!(&history.head.live[..], &published[..history.head.live.len()]);
        assert!(history.head.truncated, "{} of {}", history.head.live.len(), published.len());
    }
    assert!(history.head.live.len() > REFILL, "{}", history.head.live.len());
}

#[test]
fn the_newest_revoked_versions_are_remembered() {
    let mut history = History::new();
    for minor in 0..=MAX_REVOKED {
        let release = fat(&version_of(minor), 0);
        history.change(release.clone());
        history.change(Release { status: ReleaseStatus::Revoked, ..release });
    }
    assert_eq!(history.head.revoked.len(), MAX_REVOKED);
    assert!(
        history.head.revoked.contains(&version_of(MAX_REVOKED))
            && !history.head.revoked.contains(&version_of(0))
    );
}
