//! Halting: the rollout of a release pauses by itself where too many of its clients report a
//! failure.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Release, ReleaseStatus};
use crate::outcome::OutcomeCounts;
use crate::{Code, Error, Result};

/// When the rollout of a release pauses by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HaltRule {
    /// Share of the clients that report, in basis points, hundredths of a percent, from which on
    /// `failed` and `rolled_back` halt the rollout: 1 to 10000.
    pub failure_basis_points: Bounded<1, 10_000>,
    /// Number of clients that have to report before the share counts, 10 to 1000000.
    pub min_reports: Bounded<10, 1_000_000>,
    /// Number of networks that failures have to come from, 1 to 16: of the failures that are needed,
    /// no network contributes more than its part, one in so many. What it has above that counts
    /// neither as a failure nor in the share. A network is an IPv4 address, or the first 48 bits of
    /// an IPv6 address. With 1, whoever makes up clients can halt the rollout from one address.
    /// Default: 3.
    #[serde(default = "default_networks")]
    pub min_networks: Bounded<1, 16>,
}

fn default_networks() -> Bounded<1, 16> {
    Bounded(3)
}

/// A whole number from `MIN` to `MAX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Bounded<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Bounded<MIN, MAX> {
    /// The number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0
    }

    /// The number of a row, to which no rule is applied.
    #[must_use]
    pub fn from_stored(number: u32) -> Self {
        Self(number)
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<u32> for Bounded<MIN, MAX> {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        let is_allowed = (MIN..=MAX).contains(&number);
        is_allowed.then_some(Self(number)).ok_or_else(|| format!("expected {MIN} to {MAX}"))
    }
}

impl<const MIN: u32, const MAX: u32> From<Bounded<MIN, MAX>> for u32 {
    fn from(Bounded(number): Bounded<MIN, MAX>) -> Self {
        number
    }
}

impl<const MIN: u32, const MAX: u32> JsonSchema for Bounded<MIN, MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("From{MIN}To{MAX}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    }
}

/// What a request says of the rule: nothing, or the rule that there is to be; null is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum HaltRuleChange {
    /// The rule stays.
    #[default]
    Keep,
    /// It is replaced, or removed.
    Set(Option<HaltRule>),
}

impl HaltRuleChange {
    /// Whether the rule stays.
    #[must_use]
    pub fn is_keep(&self) -> bool {
        *self == Self::Keep
    }

    /// What `rule` becomes.
    #[must_use]
    pub fn apply(self, rule: Option<HaltRule>) -> Option<HaltRule> {
        match self {
            Self::Keep => rule,
            Self::Set(rule) => rule,
        }
    }
}

impl<'de> Deserialize<'de> for HaltRuleChange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::Set)
    }
}

impl Serialize for HaltRuleChange {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.apply(None).serialize(serializer)
    }
}

impl JsonSchema for HaltRuleChange {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "HaltRuleChange".into()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        Option::<HaltRule>::json_schema(schemas)
    }
}

/// What halted a rollout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Halt {
    /// Time of the halt, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub at: Timestamp,
    /// Number of clients that had reported since publication, or since the rollout was last resumed.
    pub reports: u64,
    /// How many of them had reported `failed` or `rolled_back`.
    pub failures: u64,
    /// The rule that it was halted by.
    pub rule: HaltRule,
}

/// Whether and when the rollout of a release pauses by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Halting {
    /// When the rollout pauses by itself; null if it never does, and for credentials that are bound
    /// to a tenant.
    pub halt_on: Option<HaltRule>,
    /// What paused the rollout by itself; null unless it is paused by that, and for credentials that
    /// are bound to a tenant.
    pub halted: Option<Halt>,
    /// How often the rollout was resumed: reports count in the round in which they come.
    #[serde(skip)]
    pub round: u32,
}

impl Halting {
    /// That of a new release.
    #[must_use]
    pub fn new(halt_on: Option<HaltRule>) -> Self {
        Self { halt_on, ..Self::default() }
    }

    /// After the rollout was resumed: counting begins anew.
    #[must_use]
    pub(super) fn resumed(&self) -> Self {
        Self { halted: None, round: self.round.saturating_add(1), ..*self }
    }
}

impl HaltRule {
    /// Whether `counts` halt a rollout.
    #[must_use]
    pub fn is_met_by(&self, counts: &OutcomeCounts) -> bool {
        counts.reports() >= u64::from(self.min_reports.get())
            && counts.failing_networks() >= u64::from(self.min_networks.get())
            && self.is_met_by_parts_of(counts)
    }

    /// Whether the failures suffice, of which no network contributes more than its part of those
    /// that are needed.
    ///
    /// The more a network may contribute, the sooner they suffice. So the lowest contribution with
    /// which they do is found, and then it must be no more than the part.
    fn is_met_by_parts_of(&self, counts: &OutcomeCounts) -> bool {
        let (mut low, mut high) = (1, counts.failures().max(1));
        while low < high {
            let middle = low.midpoint(high);
            if counts.failures_up_to(middle) >= self.needed(counts, middle) {
                high = middle;
            } else {
                low = middle.saturating_add(1);
            }
        }
        let needed = self.needed(counts, low);
        let part = needed.div_ceil(u64::from(self.min_networks.get().max(1)));
        counts.failures_up_to(low) >= needed && low <= part
    }

    /// How many failures are needed where each network contributes up to `contribution`. They are as
    /// many as for `min_reports` at least: made-up reports may be what is above a contribution.
    fn needed(&self, counts: &OutcomeCounts, contribution: u64) -> u64 {
        let reports = counts.installed.saturating_add(counts.failures_up_to(contribution));
        let reports = reports.max(self.min_reports.get().into());
        let failures = u128::from(reports) * u128::from(self.failure_basis_points.get());
        u64::try_from(failures.div_ceil(10_000)).unwrap_or(u64::MAX)
    }
}

impl Release {
    /// Its halting, with the rule changed.
    pub(super) fn halting_with(&self, change: HaltRuleChange) -> Halting {
        Halting { halt_on: change.apply(self.halting.halt_on), ..self.halting.clone() }
    }

    /// Checks that what clients report has not halted the rollout.
    ///
    /// # Errors
    /// `stale_state`.
    pub(super) fn require_not_halted(&self) -> Result<()> {
        let Some(Halt { reports, failures, .. }) = &self.halting.halted else { return Ok(()) };
        Err(Error::new(
            Code::StaleState,
            format!(
                "{} is halted: {failures} of {reports} clients have failed or gone back. Resume its rollout first (`paused` false), if it is good all the same",
                self.release_id
            ),
        ))
    }

    /// Whether reports may halt it: clients get it, and it has a rule.
    #[must_use]
    pub fn may_be_halted(&self) -> bool {
        let is_offered = self.status == ReleaseStatus::Published && !self.rollout.current.paused;
        is_offered && self.halting.halt_on.is_some()
    }

    /// The release, halted at `now` by what its clients have reported in its round; `None` if that
    /// does not halt it.
    #[must_use]
    pub fn halted(&self, counts: &OutcomeCounts, now: Timestamp) -> Option<Self> {
        let rule = self.halting.halt_on.filter(|_| self.may_be_halted())?;
        if !rule.is_met_by(counts) {
            return None;
        }
        let (reports, failures) = (counts.reports(), counts.failures());
        let halted = Some(Halt { at: now, reports, failures, rule });
        let rollout = self.rollout.with_paused(true, now);
        Some(Self { rollout, halting: Halting { halted, ..self.halting.clone() }, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn rule(share: u32, reports: u32, networks: u32) -> HaltRule {
        HaltRule {
            failure_basis_points: Bounded(share),
            min_reports: Bounded(reports),
            min_networks: Bounded(networks),
        }
    }

    /// Failures come from `networks` in turn.
    fn counts(installed: u64, failed: u64, rolled_back: u64, networks: u8) -> OutcomeCounts {
        let failures = failed + rolled_back;
        let part = |network: u8| failures.saturating_sub(network.into()).div_ceil(networks.into());
        let networks = (0..networks).map(|network| (network, part(network))).collect();
        OutcomeCounts { installed, failed, rolled_back, networks, ..OutcomeCounts::default() }
    }

    #[test]
    fn a_rule_is_met_from_its_bounds_on() {
        let rule = rule(500, 100, 3);
        assert!(rule.is_met_by(&counts(95, 5, 0, 3)));
        assert!(rule.is_met_by(&counts(95, 2, 3, 3)));
        assert!(!rule.is_met_by(&counts(96, 4, 0, 3)), "too small a share");
        assert!(!rule.is_met_by(&counts(94, 5, 0, 3)), "too few reports");
        assert!(!rule.is_met_by(&counts(0, 10_000, 0, 2)), "too few networks");
    }

    fn from_networks(installed: u64, failures: &[u64]) -> OutcomeCounts {
        let networks = (0..).zip(failures.iter().copied()).collect();
        let failed = failures.iter().sum();
        OutcomeCounts { installed, failed, networks, ..OutcomeCounts::default() }
    }

    #[test]
    fn one_network_contributes_no_more_than_its_part_of_what_is_needed() {
        let met = |installed: u64, failures: &[u64]| {
            rule(500, 100, 3).is_met_by(&from_networks(installed, failures))
        };
        assert!(!met(200, &[98, 1, 1]), "98 are made up");
        assert!(!met(0, &[98, 1, 1]), "nobody else has reported");
        assert!(!met(200, &[98, 98, 0]), "two networks");
        assert!(met(190, &[1; 10]), "all are honest");
        // Of twelve that are needed, a large site has four of its forty, and others eight.
        assert!(met(220, &[40, 1, 1, 1, 1, 1, 1, 1, 1]));
        assert!(!met(220, &[40, 1, 1, 1, 1, 1, 1, 1]));
        assert!(met(50, &[30, 15, 5]), "a small fleet at three sites, half of which fails");
    }

    #[test]
    fn a_rule_has_bounds_and_three_networks_where_it_says_none() {
        let read = |share: i64, reports: i64| {
            let rule = json!({ "failure_basis_points": share, "min_reports": reports });
            serde_json::from_value::<HaltRule>(rule)
        };
        assert_eq!(read(500, 100).unwrap(), rule(500, 100, 3));
        for (share, reports) in [(0, 100), (10_001, 100), (500, 9), (500, 1_000_001), (-1, 100)] {
            assert!(read(share, reports).is_err(), "{share} {reports}");
        }
    }

    #[test]
    fn null_removes_a_rule_and_nothing_keeps_it() {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default)]
            halt_on: HaltRuleChange,
        }
        let change = |body| serde_json::from_value::<Body>(body).unwrap().halt_on;
        let some = Some(rule(500, 100, 3));
        assert_eq!(change(json!({})).apply(some), some);
        assert_eq!(change(json!({ "halt_on": null })).apply(some), None);
        let set = json!({ "halt_on": { "failure_basis_points": 1, "min_reports": 10, "min_networks": 1 } });
        assert_eq!(change(set).apply(some), Some(rule(1, 10, 1)));
    }

    proptest! {
        #[test]
        fn one_more_failure_never_revokes_a_halt(
            installed in 0_u64..500, failures in proptest::collection::vec(0_u64..100, 1..8),
            share in 1_u32..=10_000, reports in 10_u32..500, networks in 1_u32..6, place in 0_usize..8,
        ) {
            let rule = rule(share, reports, networks);
            let mut more = failures.clone();
            more[place % failures.len()] += 1;
            let met = rule.is_met_by(&from_networks(installed, &failures));
            prop_assert!(!met || rule.is_met_by(&from_networks(installed, &more)));
        }
    }
}
