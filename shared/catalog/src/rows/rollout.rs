//! The rows of rollouts by steps: the plan, as releases and their history keep it, and the due time
//! of the next step.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::rollout::{RolloutPlan, RolloutStep, StagedRollout};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::release::RolloutRow;
use super::text::StoredText;
use crate::release_rollouts::DueRollout;

/// The steps of a rollout and their clock.
#[derive(Serialize, Deserialize)]
pub(crate) struct RolloutPlanRow<'a> {
    /// Basis points, and the time after the beginning.
    #[serde(borrow)]
    steps: Vec<(u16, Cow<'a, str>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paused_at: Option<Timestamp>,
}

impl<'a> From<&'a RolloutPlan> for RolloutPlanRow<'a> {
    fn from(value: &'a RolloutPlan) -> Self {
        let steps = value.steps.iter().map(|step| (step.basis_points, step.after.to_text()));
        Self { steps: steps.collect(), started_at: value.started_at, paused_at: value.paused_at }
    }
}

impl TryFrom<RolloutPlanRow<'_>> for RolloutPlan {
    type Error = Error;

    fn try_from(row: RolloutPlanRow<'_>) -> Result<Self> {
        let step = |(basis_points, after)| {
            Ok(RolloutStep { basis_points, after: StoredText::from_text(after)? })
        };
        let steps = row.steps.into_iter().map(step).collect::<Result<_>>()?;
        Ok(Self { steps, started_at: row.started_at, paused_at: row.paused_at })
    }
}

/// A rollout with its steps, as the history of a release keeps it.
#[derive(Serialize, Deserialize)]
pub(super) struct StagedRolloutRow<'a> {
    current: RolloutRow,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    plan: Option<RolloutPlanRow<'a>>,
}

impl<'a> From<&'a StagedRollout> for StagedRolloutRow<'a> {
    fn from(value: &'a StagedRollout) -> Self {
        Self { current: value.current.into(), plan: value.plan.as_ref().map(Into::into) }
    }
}

impl TryFrom<StagedRolloutRow<'_>> for StagedRollout {
    type Error = Error;

    fn try_from(row: StagedRolloutRow<'_>) -> Result<Self> {
        let plan = row.plan.map(TryInto::try_into).transpose()?;
        Ok(Self { current: row.current.into(), plan })
    }
}

impl StoredEntity for DueRollout {
    type Row<'a> = DueRolloutRow<'a>;

    fn to_row(&self) -> DueRolloutRow<'_> {
        DueRolloutRow { release_id: self.release_id.to_text(), due_at: self.due_at }
    }

    fn from_row(row: DueRolloutRow<'_>) -> Result<Self> {
        Ok(Self { release_id: StoredText::from_text(row.release_id)?, due_at: row.due_at })
    }
}

/// When the rollout of a release makes its next step.
#[derive(Serialize, Deserialize)]
pub(crate) struct DueRolloutRow<'a> {
    release_id: Cow<'a, str>,
    due_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use slipway_domain::release::{Release, ReleaseChange};

    use super::*;
    use crate::rows::{FIRST_FORM, read, write};

    const PLAN: &str = r#"{"steps":[[1000,"0s"],[5000,"24h"]],"started_at":"2026-03-01T09:00:00Z","paused_at":"2026-03-01T10:00:00Z"}"#;

    /// Makes sure that what is written of `doc` is `doc`, and answers the entity.
    #[track_caller]
    fn same<T: StoredEntity>(doc: &str) -> T {
        let entity: T = read(FIRST_FORM, doc).unwrap();
        assert_eq!(write(&entity).unwrap(), doc);
        entity
    }

    #[test]
    fn a_release_keeps_its_steps_and_one_of_0_1_0_has_none() {
        let rows = include_str!("../../tests/rows/0.1.0/release.json");
        let rows: Vec<serde_json::Value> = serde_json::from_str(rows).unwrap();
        let doc = rows[0]["doc"]["S"].as_str().unwrap();
        assert_eq!(same::<Release>(doc).rollout.plan, None);
        let planned =
            doc.replace(r#","created_at""#, &format!(r#","rollout_plan":{PLAN},"created_at""#));
        let plan = same::<Release>(&planned).rollout.plan.unwrap();
        assert_eq!(plan.steps.len(), 2);
        assert_eq!(plan.steps[1].after.duration().as_hours(), 24);
        assert!(plan.started_at < plan.paused_at);
    }

    #[test]
    fn a_change_keeps_what_was_before_and_after() {
        let created = r#"{"event_id":"evt_1","event_type":"release.published","actor":"bootstrap","at":"2026-03-01T09:00:00Z","status":{"to":"published"},"rollout":{"to":{"current":{"basis_points":10000,"paused":false}}}}"#;
        let change: ReleaseChange = same(created);
        assert_eq!(change.status.unwrap().from, None);
        let paused = format!(
            r#"{{"event_id":"evt_2","event_type":"release.rollout_changed","actor":"tok_1","at":"2026-03-01T10:00:00Z","changed":["rollout"],"rollout":{{"from":{{"current":{{"basis_points":1000,"paused":false}}}},"to":{{"current":{{"basis_points":1000,"paused":true}},"plan":{PLAN}}}}}}}"#
        );
        let change: ReleaseChange = same(&paused);
        assert_eq!((change.changed.len(), change.status), (1, None));
        assert!(change.rollout.unwrap().to.current.paused);
    }

    #[test]
    fn what_is_due_names_its_release() {
        let due: DueRollout = same(r#"{"release_id":"rel_1","due_at":"2026-03-02T09:00:00Z"}"#);
        assert_eq!(due.release_id.as_str(), "rel_1");
    }
}
