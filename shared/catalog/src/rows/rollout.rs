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
