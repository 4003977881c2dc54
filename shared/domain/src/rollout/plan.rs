//! The steps of a rollout: which share of clients is due when.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use super::{ALL_CLIENTS, Rollout};
use crate::Span;

/// A step of a rollout: from a time on the release is offered to a larger share of clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RolloutStep {
    /// Share of clients in basis points, hundredths of a percent: 0 to 10000, which is all clients.
    #[schemars(range(max = ALL_CLIENTS))]
    pub basis_points: u16,
    /// Time from the beginning of the rollout to the step, pauses not counted.
    pub after: Span,
}

/// The steps of a rollout, and their clock. They stay when all are made: the same steps, asked for
/// again, begin no second time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutPlan {
    /// All its steps, those that were made included; shares and times rise.
    pub steps: Vec<RolloutStep>,
    /// When the clock began, moved on by the time of each pause; `None` until publication.
    pub started_at: Option<Timestamp>,
    /// Since when the clock has stood still; `None` while it runs, and until publication.
    pub paused_at: Option<Timestamp>,
}

impl RolloutPlan {
    /// The share that is due at `now`, in basis points: 0 before the first step.
    #[must_use]
    pub fn share_at(&self, now: Timestamp) -> u16 {
        let elapsed = self.elapsed(now);
        let due = self.steps.iter().take_while(|step| step.after.duration() <= elapsed);
        due.last().map_or(0, |step| step.basis_points)
    }

    /// For how long its clock has run.
    fn elapsed(&self, now: Timestamp) -> SignedDuration {
        self.started_at.map_or(SignedDuration::ZERO, |started_at| {
            self.paused_at.unwrap_or(now).duration_since(started_at)
        })
    }

    /// The first step to a share above `basis_points`.
    fn next_above(&self, basis_points: u16) -> Option<&RolloutStep> {
        self.steps.iter().find(|step| step.basis_points > basis_points)
    }

    /// When `step` is due; `None` while the clock stands still.
    fn due_at(&self, step: &RolloutStep) -> Option<Timestamp> {
        let started_at = self.started_at.filter(|_| self.paused_at.is_none())?;
        Some(started_at.saturating_add(step.after.duration()).unwrap_or(Timestamp::MAX))
    }
}

/// The rollout of a release: the share that is offered it now, and the steps that are to come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(into = "RolloutView")]
pub struct StagedRollout {
    /// Whom the release is offered to now.
    pub current: Rollout,
    /// The steps; `None` if it has none.
    pub plan: Option<RolloutPlan>,
}

impl StagedRollout {
    /// A rollout whose share changes by nothing but requests.
    #[must_use]
    pub fn fixed(current: Rollout) -> Self {
        Self { current, plan: None }
    }

    /// A rollout by `steps`, whose clock has not begun. What is due at its very beginning is its
    /// share.
    pub(super) fn planned(steps: Vec<RolloutStep>, paused: bool) -> Self {
        let plan = RolloutPlan { steps, started_at: None, paused_at: None };
        let basis_points = plan.share_at(Timestamp::MIN);
        Self { current: Rollout { basis_points, paused }, plan: Some(plan) }
    }

    /// The rollout of a release that is published at `now`: the clock of its steps begins.
    #[must_use]
    pub fn started(self, now: Timestamp) -> Self {
        let paused_at = self.current.paused.then_some(now);
        let start = |plan| RolloutPlan { started_at: Some(now), paused_at, ..plan };
        Self { plan: self.plan.map(start), ..self }
    }

    /// The rollout, paused at `now`, or resumed: then the steps that are to come move by the length
    /// of the pause. Share and steps stay.
    #[must_use]
    pub fn with_paused(&self, paused: bool, now: Timestamp) -> Self {
        let mut next = self.clone();
        if paused == self.current.paused {
            return next;
        }
        next.current.paused = paused;
        if let Some(RolloutPlan { started_at: Some(started_at), paused_at, .. }) = &mut next.plan {
            if paused {
                *paused_at = Some(now);
            } else if let Some(since) = paused_at.take() {
                let pause = now.duration_since(since);
                *started_at = started_at.saturating_add(pause).unwrap_or(Timestamp::MAX);
            }
        }
        next
    }

    /// The rollout with the share that is due at `now`, however many steps that is; `None` if no
    /// step is due.
    #[must_use]
    pub fn advanced(&self, now: Timestamp) -> Option<Self> {
        self.next_step_at().filter(|due| *due <= now)?;
        let basis_points = self.plan.as_ref()?.share_at(now);
        let current = Rollout { basis_points, ..self.current };
        Some(Self { current, plan: self.plan.clone() })
    }

    /// When the next step is due; `None` if there is none, before publication, and while the
    /// rollout is paused.
    #[must_use]
    pub fn next_step_at(&self) -> Option<Timestamp> {
        let plan = self.plan.as_ref()?;
        plan.due_at(plan.next_above(self.current.basis_points)?)
    }
}

impl From<Rollout> for StagedRollout {
    fn from(current: Rollout) -> Self {
        Self::fixed(current)
    }
}

impl JsonSchema for StagedRollout {
    fn schema_name() -> Cow<'static, str> {
        "StagedRollout".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        RolloutView::json_schema(generator)
    }
}

/// The rollout of a release: the share of clients that are offered it now, and the steps that are
/// to come.
#[derive(Serialize, JsonSchema)]
struct RolloutView {
    /// Share of clients that are offered the release now, in basis points, hundredths of a percent:
    /// 0 to 10000, which is all clients.
    #[schemars(range(max = ALL_CLIENTS))]
    basis_points: u16,
    /// Whether the rollout is paused: a paused release is offered to no client.
    paused: bool,
    #[serde(flatten)]
    steps: Option<StepsView>,
}

/// The steps of a rollout.
#[derive(Serialize, JsonSchema)]
struct StepsView {
    /// The steps of the rollout, those that were made included; absent if it has none, and after
    /// the last one.
    steps: Vec<RolloutStep>,
    /// Time of the next step, RFC 3339, UTC; null before publication and while the rollout is
    /// paused, absent where `steps` is.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    next_step_at: Option<Timestamp>,
}

impl From<StagedRollout> for RolloutView {
    fn from(rollout: StagedRollout) -> Self {
        let next_step_at = rollout.next_step_at();
        let Rollout { basis_points, paused } = rollout.current;
        let to_come = rollout.plan.filter(|plan| plan.next_above(basis_points).is_some());
        let steps = to_come.map(|plan| StepsView { steps: plan.steps, next_step_at });
        Self { basis_points, paused, steps }
    }
}
