//! The history of a release: what changed, from what to what, when and by whom.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Release, ReleaseStatus};
use crate::EventId;
use crate::audit::{AuditEvent, EventType};
use crate::page::Listed;
use crate::rollout::StagedRollout;

/// A change of a release.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ReleaseChange {
    /// Id of the audit event that the change was recorded with.
    pub event_id: EventId,
    /// Kind of change.
    pub event_type: EventType,
    /// Who made the change: a token id, `bootstrap`, `oidc:` and an operator's `sub`, a trust rule's id,
    /// `:` and a workload's `sub`, or `job:` and a job's name.
    pub actor: String,
    /// Time of the change, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub at: Timestamp,
    /// Names of the members of the release that changed, as release-get has them; empty for its
    /// creation.
    pub changed: Vec<String>,
    /// Lifecycle status before and after the change; null if it stayed.
    pub status: Option<StatusTransition>,
    /// Rollout before and after the change; null if it stayed.
    pub rollout: Option<RolloutTransition>,
}

impl Listed for ReleaseChange {
    const MEMBER: &'static str = "changes";
}

/// The lifecycle status of a release before and after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StatusTransition {
    /// Status before the change; null for the creation of the release.
    pub from: Option<ReleaseStatus>,
    /// Status after the change.
    pub to: ReleaseStatus,
}

/// The rollout of a release before and after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RolloutTransition {
    /// Rollout before the change; null for the creation of the release.
    pub from: Option<StagedRollout>,
    /// Rollout after the change.
    pub to: StagedRollout,
}

impl ReleaseChange {
    /// What is recorded with `event` and has not changed the release: the approval of a change of it, or what
    /// was done to an upload for it.
    #[must_use]
    pub fn beside(event: &AuditEvent) -> Self {
        Self {
            event_id: event.event_id.clone(),
            event_type: event.event_type,
            actor: event.actor.clone(),
            at: event.at,
            changed: Vec::new(),
            status: None,
            rollout: None,
        }
    }

    /// The change of a release that is recorded with `event`: from `before`, or by its creation.
    #[must_use]
    pub fn of(before: Option<&Release>, after: &Release, event: &AuditEvent) -> Self {
        let status = before.map(|release| release.status);
        let rollout = before.map(|release| &release.rollout);
        Self {
            event_id: event.event_id.clone(),
            event_type: event.event_type,
            actor: event.actor.clone(),
            at: event.at,
            changed: before.map(|before| changed_members(before, after)).unwrap_or_default(),
            status: (status != Some(after.status))
                .then_some(StatusTransition { from: status, to: after.status }),
            rollout: (rollout != Some(&after.rollout))
                .then(|| RolloutTransition { from: rollout.cloned(), to: after.rollout.clone() }),
        }
    }
}

/// Names of the members in which the two differ, as the API answers them.
fn changed_members(before: &Release, after: &Release) -> Vec<String> {
    let (before, after) = (members(before), members(after));
    let mut names: Vec<String> = after
        .iter()
        .filter(|(name, value)| before.get(*name) != Some(value))
        .map(|(name, _)| name.clone())
        .collect();
    names.sort();
    names
}

fn members(release: &Release) -> Map<String, Value> {
    match serde_json::to_value(release) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    }
}
