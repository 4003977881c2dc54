//! The health of a release: what its clients report.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::{DailyOutcomes, OTHER_CLASS, OutcomeCounts};
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
    /// The days that were asked for on which clients reported, newest first.
    pub days: Vec<HealthDay>,
}

/// How many clients have which outcome, each with its last one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HealthCounts {
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

/// The clients whose last outcome is of one day.
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
        Self { installed, failed, rolled_back, error_classes }
    }
}

impl ReleaseHealth {
    /// What `counters`, several for each day, say of `release` since the day `from`, and in all.
    #[must_use]
    pub fn new(release: &Release, from: Date, counters: Vec<DailyOutcomes>) -> Self {
        let (mut total, mut days) = (OutcomeCounts::default(), BTreeMap::new());
        for DailyOutcomes { date, counts } in counters {
            total.merge(counts.clone());
            let day: &mut OutcomeCounts = days.entry(date).or_default();
            day.merge(counts);
        }
        let is_told = |date: &Date, counts: &OutcomeCounts| *date >= from && counts.reports() > 0;
        let told = days.into_iter().rev().filter(|(date, counts)| is_told(date, counts));
        let days = told.map(|(date, counts)| HealthDay { date, counts: counts.into() }).collect();
        let (release_id, halting) = (release.release_id.clone(), release.halting.clone());
        Self { release_id, halting, total: total.into(), days }
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
