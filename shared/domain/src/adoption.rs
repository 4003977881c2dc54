//! Adoption: which versions are in the field, counted from the decisions that clients were answered,
//! by product, channel and day.
//!
//! Decisions are counted, not clients, and neither a client's id nor its address is kept. How many
//! clients there are at least is told by a [`ClientSketch`] of 64 bits; what fewer than
//! [`NAMED_CLIENTS`] share is reported without its version.

mod report;
mod sketch;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use self::report::{AdoptionDay, AdoptionReport, OfferCount, ReportDays, VersionAdoption};
pub use self::sketch::ClientSketch;
use crate::decision::{Action, Decision, DecisionReason};
use crate::{Channel, ProductId, Version};

/// How many clients have to share a version for it to be reported by name.
pub const NAMED_CLIENTS: u32 = 5;
/// How many kinds of answers are told apart for one product, channel and day. The others are
/// counted together.
pub const MAX_KINDS: usize = 200;
/// Limit of a counted version's text, in bytes: others are counted without their version.
const MAX_VERSION_BYTES: usize = 64;

/// What is counted together: the decisions on a product and channel on a day, UTC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AdoptionKey {
    /// Id of the product.
    pub product_id: ProductId,
    /// The day.
    pub date: Date,
    /// Channel that the decisions were based on.
    pub channel: Channel,
}

/// A kind of answer: what was installed, and what was offered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnswerKind {
    /// The installed version.
    pub current_version: Version,
    /// The offered version; `None` if none was offered.
    pub offered_version: Option<Version>,
    /// What the client was told to do.
    pub action: Action,
}

/// How many answers of a kind were given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnswerCount {
    /// Number of decisions.
    pub decisions: u64,
    /// How many of them were for clients without an id.
    pub unidentified: u64,
    /// Tells how many clients with an id there are at least.
    pub clients: ClientSketch,
}

/// One decision, as it is counted.
#[derive(Debug, Clone, PartialEq)]
pub struct CountedDecision {
    /// What it is counted with.
    pub key: AdoptionKey,
    /// Its kind; `None` if it is counted without one, because its version is too long.
    pub kind: Option<AnswerKind>,
    /// One decision, with its client.
    pub count: AnswerCount,
}

/// The counts of a product, channel and day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AdoptionCounts {
    kinds: BTreeMap<AnswerKind, AnswerCount>,
    other: u64,
}

/// The counts of a product, channel and day, as they were stored.
#[derive(Debug, Clone, PartialEq)]
pub struct DailyAdoption {
    /// What was counted.
    pub key: AdoptionKey,
    /// The counts.
    pub counts: AdoptionCounts,
    /// Up to when decisions are in it, as far as function instances have stored their counts.
    pub as_of: Timestamp,
}

impl CountedDecision {
    /// How `decision` is counted at `now`; `None` if it is not: a product or channel that is made up
    /// must not fill the table.
    #[must_use]
    pub fn of(decision: &Decision, client_id: Option<&str>, now: Timestamp) -> Option<Self> {
        if !is_counted(decision.reason) {
            return None;
        }
        let key = AdoptionKey {
            product_id: decision.product_id.parse().ok()?,
            date: date_of(now),
            channel: decision.channel.parse().ok()?,
        };
        let current = Version::from_installed(&decision.current_version);
        let current = current.as_ref().map(without_build);
        let offered = decision.offer.as_ref().map(|offer| without_build(&offer.version));
        let kind = current.filter(is_short).map(|current_version| AnswerKind {
            current_version,
            offered_version: offered,
            action: decision.action,
        });
        let count = AnswerCount {
            decisions: 1,
            unidentified: u64::from(client_id.is_none()),
            clients: client_id.map(|id| ClientSketch::of(&key, id)).unwrap_or_default(),
        };
        Some(Self { key, kind, count })
    }
}

/// The day of a time, UTC.
#[must_use]
pub fn date_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// Versions that differ in build metadata alone are the same; what one client has there is not told
/// as the name of all.
fn without_build(version: &Version) -> Version {
    let build = semver::BuildMetadata::EMPTY;
    Version::from_semver(semver::Version { build, ..version.as_semver().clone() })
}

fn is_short(version: &Version) -> bool {
    version.to_string().len() <= MAX_VERSION_BYTES
}

/// Whether a decision of this reason has come to see what is released on the channel: of a product,
/// tenant or channel that is made up, and of a request that says nothing, there is nothing to count.
fn is_counted(reason: DecisionReason) -> bool {
    use DecisionReason as Reason;
    match reason {
        Reason::UpdateAvailable
        | Reason::DowngradeAvailable
        | Reason::ManagedByIt
        | Reason::UpToDate
        | Reason::HeldBack
        | Reason::BlockedByPolicy
        | Reason::NoMatchingArtifact
        | Reason::OsTooOld
        | Reason::CurrentVersionTooOld
        | Reason::CurrentVersionRevoked => true,
        Reason::NoRelease
        | Reason::UnknownProduct
        | Reason::UnknownTenant
        | Reason::NotEntitled
        | Reason::InvalidVersion
        | Reason::InvalidChannel
        | Reason::UnknownPlatform
        | Reason::UnknownArch
        | Reason::InvalidOsVersion
        | Reason::Deferred => false,
    }
}

impl AdoptionCounts {
    /// Counts of kinds, and of `other` answers that are counted without one.
    #[must_use]
    pub fn new(kinds: BTreeMap<AnswerKind, AnswerCount>, other: u64) -> Self {
        Self { kinds, other }
    }

    /// Adds answers of a kind; of `None` only their number. Where there is one kind too many, the
    /// one with the fewest answers makes room: made-up versions drive out each other, and not those
    /// that many clients have.
    pub fn add(&mut self, kind: Option<AnswerKind>, count: AnswerCount) {
        let Some(kind) = kind else { return self.add_other(count.decisions) };
        self.kinds.entry(kind.clone()).or_default().add(count);
        if self.kinds.len() > MAX_KINDS {
            // Not the new one: it may be what many are going to have.
            let others = self.kinds.iter().filter(|(other, _)| **other != kind);
            let rarest = others.min_by_key(|(_, count)| count.decisions);
            let rarest = rarest.map(|(kind, _)| kind.clone());
            let dropped = rarest.and_then(|kind| self.kinds.remove(&kind));
            self.add_other(dropped.map_or(0, |count| count.decisions));
        }
    }

    /// Adds answers without a kind.
    pub fn add_other(&mut self, decisions: u64) {
        self.other = self.other.saturating_add(decisions);
    }

    /// Adds all that `counts` has.
    pub fn merge(&mut self, counts: Self) {
        for (kind, count) in counts.kinds {
            self.add(Some(kind), count);
        }
        self.add_other(counts.other);
    }

    /// The kinds with their counts.
    #[must_use]
    pub fn kinds(&self) -> &BTreeMap<AnswerKind, AnswerCount> {
        &self.kinds
    }

    /// How many answers were counted without a kind.
    #[must_use]
    pub fn other(&self) -> u64 {
        self.other
    }

    /// How many decisions there are in all.
    #[must_use]
    pub fn decisions(&self) -> u64 {
        let kinds = self.kinds.values().map(|count| count.decisions);
        kinds.fold(self.other, u64::saturating_add)
    }
}

impl AnswerCount {
    /// Adds another count of answers.
    pub fn add(&mut self, more: Self) {
        self.decisions = self.decisions.saturating_add(more.decisions);
        self.unidentified = self.unidentified.saturating_add(more.unidentified);
        self.clients = self.clients.union(more.clients);
    }

    /// Whether [`NAMED_CLIENTS`] clients or more have got these answers. A client without an id is
    /// known by its number of answers: it asks again when its answer has expired, 96 times a day.
    #[must_use]
    pub fn is_of_many(self) -> bool {
        const A_DAY: u64 = 24 * 4;
        self.clients.at_least() >= NAMED_CLIENTS
            || self.unidentified > u64::from(NAMED_CLIENTS - 1) * A_DAY
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(current: &str) -> AnswerKind {
        AnswerKind {
            current_version: current.parse().unwrap(),
            offered_version: None,
            action: Action::None,
        }
    }

    fn key(date: &str) -> AdoptionKey {
        AdoptionKey {
            product_id: "prod_app".parse().unwrap(),
            date: date.parse().unwrap(),
            channel: "stable".parse().unwrap(),
        }
    }

    fn answer(client: Option<u32>) -> AnswerCount {
        let sketch =
            |client: u32| ClientSketch::of(&key("2026-01-31"), &format!("client-{client}"));
        let clients = client.map(sketch).unwrap_or_default();
        AnswerCount { decisions: 1, unidentified: u64::from(client.is_none()), clients }
    }

    fn report(counts: AdoptionCounts, now: &str) -> AdoptionReport {
        let stored = DailyAdoption { key: key("2026-01-31"), counts, as_of: now.parse().unwrap() };
        let day = AdoptionDay::new(stored, now.parse().unwrap());
        AdoptionReport::new("prod_app".parse().unwrap(), vec![day])
    }

    #[test]
    fn made_up_versions_do_not_drive_out_those_that_many_have() {
        let mut counts = AdoptionCounts::default();
        for client in 0..100 {
            counts.add(Some(kind("1.0.0")), answer(Some(client)));
        }
        for made_up in 0..10_000 {
            counts.add(Some(kind(&format!("9.9.{made_up}"))), answer(Some(1)));
        }
        assert_eq!(counts.kinds().len(), MAX_KINDS);
        assert_eq!(counts.kinds()[&kind("1.0.0")].decisions, 100);
        assert_eq!(counts.decisions(), 10_100);
        let report = report(counts, "2026-01-31T12:00:00Z");
        let versions: Vec<_> = report.days[0].versions.iter().map(|one| &one.version).collect();
        assert_eq!(versions, [&"1.0.0".parse().unwrap()]);
        assert_eq!(report.days[0].other, 10_000);
    }

    #[test]
    fn what_many_are_going_to_have_comes_in_however_many_made_up_versions_were_there_first() {
        let mut counts = AdoptionCounts::default();
        for made_up in 0..10_000 {
            counts.add(Some(kind(&format!("9.9.{made_up}"))), answer(Some(1)));
        }
        for client in 0..30 {
            counts.add(Some(kind("1.0.0")), answer(Some(client)));
        }
        assert_eq!(counts.kinds()[&kind("1.0.0")].decisions, 30);
    }

    #[test]
    fn a_version_is_told_once_five_clients_have_it_however_often_one_asks() {
        let of = |clients: u32, times: u32| {
            let mut counts = AdoptionCounts::default();
            for number in 0..clients * times {
                counts.add(Some(kind("1.0.0")), answer(Some(number % clients)));
            }
            let day = report(counts, "2026-01-31T12:00:00Z").days.remove(0);
            (day.decisions, day.versions.len(), day.other)
        };
        assert_eq!(of(1, 10_000), (10_000, 0, 10_000));
        assert_eq!(of(4, 500), (2_000, 0, 2_000));
        assert_eq!(of(100, 1), (100, 1, 0));
    }

    #[test]
    fn clients_without_an_id_are_known_by_how_often_one_may_ask() {
        let of = |decisions: u32| {
            let mut counts = AdoptionCounts::default();
            (0..decisions).for_each(|_| counts.add(Some(kind("1.0.0")), answer(None)));
            report(counts, "2026-01-31T12:00:00Z").days.remove(0).versions.len()
        };
        assert_eq!((of(4 * 96), of(4 * 96 + 1)), (0, 1));
    }

    #[test]
    fn a_day_is_complete_a_quarter_of_an_hour_after_its_end() {
        let is_complete = |now| report(AdoptionCounts::default(), now).days[0].complete;
        assert!(!is_complete("2026-01-31T23:59:59Z"));
        assert!(!is_complete("2026-02-01T00:14:59Z"));
        assert!(is_complete("2026-02-01T00:15:00Z"));
    }

    proptest! {
        #[test]
        fn no_decision_is_lost_or_counted_twice_in_whatever_order_counts_are_merged(
            answers in prop::collection::vec((0_u64..300, prop::option::of(0_u32..9)), 0..600),
            split in 0_usize..600,
        ) {
            let count = |answers: &[(u64, Option<u32>)]| {
                let mut counts = AdoptionCounts::default();
                for (patch, client) in answers {
                    let version = (*patch < 290).then(|| kind(&format!("1.0.{patch}")));
                    counts.add(version, answer(*client));
                }
                counts
            };
            let (first, second) = answers.split_at(split.min(answers.len()));
            let mut merged = count(first);
            merged.merge(count(second));
            prop_assert_eq!(merged.decisions(), answers.len() as u64);
            prop_assert!(merged.kinds().len() <= MAX_KINDS);
            let day = report(merged, "2026-01-31T12:00:00Z").days.remove(0);
            let told: u64 = day.versions.iter().map(|one| one.decisions).sum();
            prop_assert_eq!(told + day.other, answers.len() as u64);
        }
    }
}
