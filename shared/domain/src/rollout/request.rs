//! The rollout that a request asks for.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BasisPoints, Percent, Rollout, RolloutStep, StagedRollout};
use crate::{Error, Result, Span};

/// How many steps a rollout has at most.
const MAX_STEPS: usize = 20;

/// A staged rollout as a request asks for it: a share of clients, or steps that raise the share by
/// the clock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(extend("examples" = [
    { "basis_points": 1000 },
    { "steps": [{ "percent": 10, "after": "0s" }, { "percent": 100, "after": "24h" }] },
]))]
pub struct NewRollout {
    /// Share of clients in basis points, hundredths of a percent: 0 to 10000, which is all clients.
    /// Excludes `percent` and `steps`.
    pub basis_points: Option<BasisPoints>,
    /// Share of clients in percent, 0 to 100, with two decimals at most. Excludes `basis_points` and
    /// `steps`.
    pub percent: Option<Percent>,
    /// Whether the rollout is paused: a paused release is offered to no client, and the clock of
    /// its steps stands still. Default: false.
    pub paused: Option<bool>,
    /// Steps, 1 to 20, each with a larger share at a later time. Excludes `basis_points` and
    /// `percent`.
    #[schemars(length(min = 1, max = MAX_STEPS))]
    pub steps: Option<Vec<NewRolloutStep>>,
}

/// A step of a new rollout: from a time on the release is offered to a larger share of clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRolloutStep {
    /// Share of clients in basis points, hundredths of a percent: 0 to 10000, which is all clients.
    /// Exactly one of `basis_points` and `percent` is required.
    pub basis_points: Option<BasisPoints>,
    /// Share of clients in percent, 0 to 100, with two decimals at most. Exactly one of
    /// `basis_points` and `percent` is required.
    pub percent: Option<Percent>,
    /// Time from the publication to the step, for a published release from the request, pauses not
    /// counted. `0s` is at once.
    pub after: Span,
}

impl NewRollout {
    /// The rollout that a draft or a new release has by it: the clock of its steps has not begun.
    /// `at` is where the request has it.
    ///
    /// # Errors
    /// `invalid_field` unless it has a share or steps, and for steps that do not rise.
    pub fn planned(&self, at: &str) -> Result<StagedRollout> {
        let paused = self.paused.unwrap_or_default();
        if let Some(steps) = self.steps(at)? {
            return Ok(StagedRollout::planned(steps, paused));
        }
        let basis_points = one_share(self.basis_points, self.percent, at, ", or `steps`")?;
        Ok(Rollout { basis_points, paused }.into())
    }

    /// Checks a change of a rollout, which may be about `paused` alone.
    ///
    /// # Errors
    /// `invalid_field`, as for [`NewRollout::planned`].
    pub fn check_change(&self) -> Result<()> {
        if self.is_about_pause_alone() { Ok(()) } else { self.planned("").map(drop) }
    }

    /// What becomes of the rollout `stands` by this change at `now`. `paused` alone keeps share and
    /// steps. Steps that it has already go on as they are, paused or at their end, so that a request
    /// can be repeated; other steps begin with [`StagedRollout::started`].
    ///
    /// # Errors
    /// As for [`NewRollout::check_change`].
    pub(crate) fn changed(&self, stands: &StagedRollout, now: Timestamp) -> Result<RolloutChange> {
        let paused = self.paused.unwrap_or(stands.current.paused);
        if self.is_about_pause_alone() {
            return Ok(RolloutChange::GoesOn(stands.with_paused(paused, now)));
        }
        let planned = self.planned("")?;
        // `60m` is `1h`.
        let steps = |rollout: &StagedRollout| -> Option<Vec<_>> {
            let steps = rollout.plan.as_ref()?.steps.iter();
            Some(steps.map(|step| (step.basis_points, step.after.duration())).collect())
        };
        let is_same_plan = planned.plan.is_some() && steps(&planned) == steps(stands);
        Ok(if is_same_plan {
            RolloutChange::GoesOn(stands.with_paused(paused, now))
        } else {
            RolloutChange::Begins(planned)
        })
    }

    fn is_about_pause_alone(&self) -> bool {
        let Self { basis_points, percent, paused, steps } = self;
        paused.is_some() && basis_points.is_none() && percent.is_none() && steps.is_none()
    }

    /// The steps, if it has them.
    fn steps(&self, at: &str) -> Result<Option<Vec<RolloutStep>>> {
        let Some(new) = &self.steps else { return Ok(None) };
        if self.basis_points.is_some() || self.percent.is_some() {
            let message = "steps have shares of their own: give `steps`, or one of `basis_points` and `percent`, not both";
            return Err(Error::invalid(join(at, "steps"), message));
        }
        if !(1..=MAX_STEPS).contains(&new.len()) {
            let message = format!("{} steps; a rollout by steps has 1 to {MAX_STEPS}", new.len());
            return Err(Error::invalid(join(at, "steps"), message));
        }
        let mut steps: Vec<RolloutStep> = Vec::with_capacity(new.len());
        for (index, step) in new.iter().enumerate() {
            let at = join(at, &format!("steps[{index}]"));
            steps.push(step.following(steps.last(), &at)?);
        }
        Ok(Some(steps))
    }
}

/// What a request makes of a rollout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RolloutChange {
    /// The rollout that stands goes on, or pauses.
    GoesOn(StagedRollout),
    /// Another one takes its place.
    Begins(StagedRollout),
}

impl NewRolloutStep {
    /// The step, if it may follow on `previous`.
    fn following(&self, previous: Option<&RolloutStep>, at: &str) -> Result<RolloutStep> {
        let basis_points = one_share(self.basis_points, self.percent, at, "")?;
        let after = self.after.clone();
        let Some(previous) = previous else { return Ok(RolloutStep { basis_points, after }) };
        if basis_points <= previous.basis_points {
            let name = if self.percent.is_some() { "percent" } else { "basis_points" };
            let message = format!(
                "{basis_points} basis points are not more than the {} of the step before; each step has a larger share",
                previous.basis_points
            );
            return Err(Error::invalid(join(at, name), message));
        }
        if after.duration() <= previous.after.duration() {
            let message = format!(
                "`{after}` is not later than the `{}` of the step before; each step has a later time",
                previous.after
            );
            return Err(Error::invalid(join(at, "after"), message));
        }
        Ok(RolloutStep { basis_points, after })
    }
}

/// The share that one of two members has. `other` is what may be given instead of both.
fn one_share(
    basis_points: Option<BasisPoints>,
    percent: Option<Percent>,
    at: &str,
    other: &str,
) -> Result<u16> {
    match (basis_points, percent) {
        (Some(share), None) => Ok(share.get()),
        (None, Some(share)) => Ok(share.basis_points().get()),
        (None, None) => Err(Error::invalid(
            join(at, "basis_points"),
            format!(
                "the share of clients is needed: give exactly one of `basis_points` and `percent`{other}"
            ),
        )),
        (Some(_), Some(_)) => Err(Error::invalid(
            join(at, "percent"),
            "give exactly one of `basis_points` and `percent`",
        )),
    }
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}
