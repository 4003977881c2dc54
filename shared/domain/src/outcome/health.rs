//! The health of a release: what its clients report.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::{DailyOutcomes, OutcomeCounts};
use crate::ReleaseId;
use crate::release::{Halting, Release};

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
    /// Number of clients that failed or went back, by class of the error. Of a day about 20 classes
    /// are told apart; the rest are `other`.
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
        let OutcomeCounts { installed, failed, rolled_back, mut error_classes, .. } = counts;
        error_classes.retain(|_, clients| *clients > 0);
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
