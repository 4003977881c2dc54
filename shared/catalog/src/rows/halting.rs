//! What the row of a release keeps of its halting, and the row that has a release looked at.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::release::{Bounded, Halt, HaltRule, Halting};
use slipway_domain::{Result, Timestamp};

use super::StoredEntity;
use super::text::StoredText;
use crate::halting::HaltCheck;

/// Whether and when a rollout pauses by itself.
#[derive(Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HaltingRow {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    on: Option<HaltRuleRow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    halted: Option<HaltRow>,
    #[serde(default)]
    round: u32,
}

impl HaltingRow {
    /// Whether it says nothing.
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// When a rollout pauses by itself.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct HaltRuleRow {
    failure_basis_points: u32,
    min_reports: u32,
    min_networks: u32,
}

/// What halted a rollout.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct HaltRow {
    at: Timestamp,
    reports: u64,
    failures: u64,
    rule: HaltRuleRow,
}

impl From<&HaltRule> for HaltRuleRow {
    fn from(rule: &HaltRule) -> Self {
        Self {
            failure_basis_points: rule.failure_basis_points.get(),
            min_reports: rule.min_reports.get(),
            min_networks: rule.min_networks.get(),
        }
    }
}

impl From<HaltRuleRow> for HaltRule {
    fn from(row: HaltRuleRow) -> Self {
        Self {
            failure_basis_points: Bounded::from_stored(row.failure_basis_points),
            min_reports: Bounded::from_stored(row.min_reports),
            min_networks: Bounded::from_stored(row.min_networks),
        }
    }
}

impl From<&Halting> for HaltingRow {
    fn from(halting: &Halting) -> Self {
        let halted = halting.halted.as_ref().map(|Halt { at, reports, failures, rule }| HaltRow {
            at: *at,
            reports: *reports,
            failures: *failures,
            rule: rule.into(),
        });
        Self { on: halting.halt_on.as_ref().map(Into::into), halted, round: halting.round }
    }
}

impl From<HaltingRow> for Halting {
    fn from(row: HaltingRow) -> Self {
        let halted = row.halted.map(|HaltRow { at, reports, failures, rule }| Halt {
            at,
            reports,
            failures,
            rule: rule.into(),
        });
        Self { halt_on: row.on.map(Into::into), halted, round: row.round }
    }
}

impl StoredEntity for HaltCheck {
    type Row<'a> = HaltCheckRow<'a>;

    fn to_row(&self) -> HaltCheckRow<'_> {
        HaltCheckRow { release_id: self.release_id.to_text(), at: self.at }
    }

    fn from_row(row: HaltCheckRow<'_>) -> Result<Self> {
        Ok(Self { release_id: StoredText::from_text(row.release_id)?, at: row.at })
    }
}

/// A release whose reports are to be looked at. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct HaltCheckRow<'a> {
    release_id: Cow<'a, str>,
    at: Timestamp,
}

#[cfg(test)]
mod tests {
    use slipway_domain::release::Release;

    use super::*;
    use crate::rows::{FIRST_FORM, read, write};

    #[test]
    fn a_release_keeps_its_halting_and_one_of_0_1_0_has_none() {
        let rows = include_str!("../../tests/rows/0.1.0/release.json");
        let rows: Vec<serde_json::Value> = serde_json::from_str(rows).unwrap();
        let doc = rows[0]["doc"]["S"].as_str().unwrap();
        let release: Release = read(FIRST_FORM, doc).unwrap();
        assert_eq!(release.halting, Halting::default());
        let rule = r#"{"failure_basis_points":500,"min_reports":100,"min_networks":3}"#;
        let halted = format!(
            r#","halting":{{"on":{rule},"halted":{{"at":"2026-03-01T09:00:00Z","reports":100,"failures":5,"rule":{rule}}},"round":2}},"created_at""#
        );
        let doc = doc.replace(r#","created_at""#, &halted);
        let release: Release = read(FIRST_FORM, &doc).unwrap();
        assert_eq!(write(&release).unwrap(), doc);
        let halting = release.halting;
        assert_eq!((halting.round, halting.halted.unwrap().failures), (2, 5));
        assert_eq!(halting.halt_on.unwrap().min_reports.get(), 100);
    }
}
