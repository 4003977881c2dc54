//! What an approved change would do to clients: for those who approve it.

use schemars::JsonSchema;
use serde::Serialize;

use super::sample::{EffectSample, Machine, SampleClient};
use super::{Approval, GatedOperation};
use crate::decision::{Decision, DecisionReason};
use crate::simulation::{Effect, EffectCounts, SimulatedDecision};
use crate::{ApprovalId, Channel, Sha256, Version};

/// What the change of an approval would do to clients, were it made now. Shares of clients in other
/// releases' rollouts are those of one client each.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ApprovalEffect {
    /// Id of the approval.
    pub approval_id: ApprovalId,
    /// Operation that makes the change.
    pub operation: GatedOperation,
    /// Digest of the change, which an approver names.
    pub change_sha256: Sha256,
    /// Whether clients can be told something else because of such a change. A change of the product's
    /// rules of sign-off alone is false: it says who has to approve what comes later.
    pub affects_decisions: bool,
    /// The clients that were looked at: none where `affects_decisions` is false. They are in no tenant
    /// and name no version of their operating system.
    pub sample: EffectSample,
    /// Number of kinds of clients that were looked at.
    pub kinds: usize,
    /// Number of kinds that are told something else after the change.
    pub changed: usize,
    /// How many kinds the change affects in ways that an approver has to know of.
    pub effects: EffectCounts,
    /// The kinds that are told something else: by channel as in `sample`, then version, highest first.
    pub changes: Vec<KindChange>,
    /// Number of kinds that could not be decided, because too much had to be looked up.
    pub undecided: usize,
}

/// Clients of one kind, which are told something else after the change.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct KindChange {
    /// Channel that they ask for.
    pub channel: Channel,
    /// Version that they have.
    pub current_version: Version,
    /// What they run on.
    #[serde(flatten)]
    pub machine: Machine,
    /// Share of the clients with this version and machine that are told so, in basis points: below
    /// 10000 where the rollout of the release is for a share of clients.
    pub basis_points: u16,
    /// What they are told before the change.
    pub before: SimulatedDecision,
    /// What they are told after it.
    pub after: SimulatedDecision,
    /// What an approver has to know about it; mostly nothing.
    pub effects: Vec<Effect>,
}

impl ApprovalEffect {
    /// The effect of a change of which `sample` has the clients; `None`: it has none on any.
    #[must_use]
    pub fn new(approval: &Approval, sample: Option<EffectSample>) -> Self {
        Self {
            approval_id: approval.approval_id.clone(),
            operation: approval.operation,
            change_sha256: approval.change_sha256,
            affects_decisions: sample.is_some(),
            sample: sample.unwrap_or_default(),
            kinds: 0,
            changed: 0,
            effects: EffectCounts::default(),
            changes: Vec::new(),
            undecided: 0,
        }
    }

    /// Adds what clients like `client` are told before and after.
    pub fn add(&mut self, client: &SampleClient<'_>, [before, after]: [&Decision; 2]) {
        self.kinds += 1;
        if [before, after].iter().any(|one| one.reason == DecisionReason::Deferred) {
            self.undecided += 1;
            return;
        }
        let (before, after) = (SimulatedDecision::from(before), SimulatedDecision::from(after));
        if before == after {
            return;
        }
        let effects = Effect::of(Some(client.version), &before, &after);
        self.changed += 1;
        self.effects.count(&effects);
        self.changes.push(KindChange {
            channel: client.channel.clone(),
            current_version: client.version.clone(),
            machine: client.machine,
            basis_points: client.part.basis_points,
            before,
            after,
            effects,
        });
    }
}
