//! The health of a release: how many clients were offered it, and what they report.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::{DailyOffered, DailyOutcomes, OTHER_CLASS, OfferedSketch, OutcomeCounts};
use crate::ReleaseId;
use crate::release::{Halting, Release};

/// How many classes of errors are told apart.
const TOLD_CLASSES: usize = 20;

/// What became of a release on its clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ReleaseHealth {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// When the rollout pauses by itself, and what has paused it.
    #[serde(flatten)]
    pub halting: Halting,
    /// All days for which counts are kept.
    pub total: HealthCounts,
    /// The days that were asked for on which clients were offered it or reported, newest first.
    pub days: Vec<HealthDay>,
}

/// How many clients have which outcome, each with its last one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthCounts {
    /// About how many clients with an id were offered the release, each counted once; in all, those
    /// of all days together. The standard error is 3%. Counts from the version after 0.1.0 on.
    pub offered: u64,
    /// Number of clients that have installed the release.
    pub installed: u64,
    /// Number of clients on which it failed.
    pub failed: u64,
    /// Number of clients that went back to what they had before.
    pub rolled_back: u64,
    /// Number of clients that failed or went back, by class of the error: the 20 most
    /// frequent classes, and the rest as `other`.
    pub error_classes: BTreeMap<String, u64>,
}

/// The clients that were offered the release on one day, and those whose last outcome is of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthDay {
    /// The day, UTC.
    #[schemars(with = "String", extend("format" = "date"))]
    pub date: Date,
    /// The clients.
    #[serde(flatten)]
    pub counts: HealthCounts,
}

impl From<OutcomeCounts> for HealthCounts {
    fn from(counts: OutcomeCounts) -> Self {
        let OutcomeCounts { installed, failed, rolled_back, error_classes, .. } = counts;
        let error_classes = most_frequent(error_classes);
        Self { installed, failed, rolled_back, error_classes, ..Self::default() }
    }
}

impl ReleaseHealth {
    /// What `counters`, several for each day, and the clients of `offers` say of `release` since the
    /// day `from`, and in all.
    #[must_use]
    pub fn new(
        release: &Release,
        from: Date,
        counters: Vec<DailyOutcomes>,
        offers: Vec<DailyOffered>,
    ) -> Self {
        let (mut total, mut days) = (DayParts::default(), BTreeMap::<Date, DayParts>::new());
        for DailyOutcomes { date, counts } in counters {
            total.0.merge(counts.clone());
            days.entry(date).or_default().0.merge(counts);
        }
        for DailyOffered { key, clients } in offers {
            total.1.merge(&clients);
            days.entry(key.date).or_default().1.merge(&clients);
        }
        let told = days.into_iter().rev().filter(|(date, parts)| *date >= from && parts.is_told());
        let days = told.map(|(date, parts)| HealthDay { date, counts: parts.into() }).collect();
        let (release_id, halting) = (release.release_id.clone(), release.halting.clone());
        Self { release_id, halting, total: total.into(), days }
    }
}

/// What is known of a day: outcomes, and who was offered the release.
#[derive(Debug, Default)]
struct DayParts(OutcomeCounts, OfferedSketch);

impl DayParts {
    fn is_told(&self) -> bool {
        self.0.reports() > 0 || self.1.estimate() > 0
    }
}

impl From<DayParts> for HealthCounts {
    fn from(DayParts(outcomes, offered): DayParts) -> Self {
        Self { offered: offered.estimate(), ..outcomes.into() }
    }
}

/// The most frequent of `classes`, and the others as one.
fn most_frequent(mut classes: BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let mut other = classes.remove(OTHER_CLASS).unwrap_or_default();
    let mut told: Vec<_> = classes.into_iter().filter(|(_, clients)| *clients > 0).collect();
    // A stable sort: of those that are as frequent, the first by name are told.
    told.sort_by_key(|(_, clients)| Reverse(*clients));
    let rest = told.split_off(told.len().min(TOLD_CLASSES));
    other = rest.iter().fold(other, |sum, (_, clients)| sum.saturating_add(*clients));
    told.extend((other > 0).then(|| (OTHER_CLASS.to_owned(), other)));
    told.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_twenty_most_frequent_classes_are_told_and_the_rest_are_others() {
        let class = |number: u64| (format!("class-{number:02}"), number);
        let mut error_classes: BTreeMap<_, _> = (0..=25).map(class).collect();
        error_classes.insert(OTHER_CLASS.to_owned(), 100);
        let counts = OutcomeCounts { error_classes, ..OutcomeCounts::default() };
        let told = HealthCounts::from(counts).error_classes;
        let mut expected: BTreeMap<_, _> = (6..=25).map(class).collect();
        expected.insert(OTHER_CLASS.to_owned(), 100 + 1 + 2 + 3 + 4 + 5);
        assert_eq!(told, expected);
    }
}
