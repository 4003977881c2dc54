//! Simulation: what sample clients are told before and after a change that is not made.

mod change;
mod effect;
mod request;

use schemars::JsonSchema;
use serde::Serialize;

pub use self::change::{
    PolicyProposal, PromotionProposal, ProposedChange, PublicationProposal, RevocationProposal,
    RolloutProposal,
};
pub use self::effect::{Effect, EffectCounts};
pub use self::request::{MAX_CLIENTS, SimulationRequest};
use crate::decision::{Action, Decision, DecisionReason, UpdateCheck};
use crate::{Channel, Version};

/// What a change would do to sample clients.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Simulation {
    /// Number of clients that were simulated.
    pub clients: usize,
    /// Number of clients that are told something else after the change.
    pub changed: usize,
    /// How many clients the change affects in ways that an operator has to know of.
    pub effects: EffectCounts,
    /// What clients are told before and after, and how many: in the order of the first client of
    /// each.
    pub transitions: Vec<DecisionTransition>,
    /// The clients that are told something else, in the order of the request.
    pub changes: Vec<ClientChange>,
    /// Places in the request, from 0, of clients that could not be decided, because too much had to
    /// be looked up: simulate them with fewer others. They count as clients, and nowhere else.
    pub undecided: Vec<usize>,
}

/// Clients that are told the same before and after.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DecisionTransition {
    /// What they are told before the change.
    pub before: SimulatedDecision,
    /// What they are told after it.
    pub after: SimulatedDecision,
    /// How many they are.
    pub clients: usize,
}

/// A client that is told something else after the change.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClientChange {
    /// Its place in the request, from 0.
    pub client: usize,
    /// Its id, as requested; null if it has none.
    pub client_id: Option<String>,
    /// Id of the product, as requested.
    pub product_id: String,
    /// Installed version, as requested.
    pub current_version: String,
    /// What it is told before the change.
    pub before: SimulatedDecision,
    /// What it is told after it.
    pub after: SimulatedDecision,
    /// What an operator has to know about it; mostly nothing.
    pub effects: Vec<Effect>,
}

/// As much of a decision as tells what a client does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SimulatedDecision {
    /// What the client should do.
    pub action: Action,
    /// Why.
    pub reason: DecisionReason,
    /// Channel that the decision is based on; null if the requested one is malformed.
    pub channel: Option<Channel>,
    /// Version of the offered release; null if none is offered.
    pub version: Option<Version>,
}

impl From<&Decision> for SimulatedDecision {
    fn from(decision: &Decision) -> Self {
        Self {
            action: decision.action,
            reason: decision.reason,
            channel: decision.channel.parse().ok(),
            version: decision.offer.as_ref().map(|offer| offer.version.clone()),
        }
    }
}

impl Simulation {
    /// Adds the next client: what it is told before and after.
    pub fn add(&mut self, check: &UpdateCheck, [before, after]: [&Decision; 2]) {
        let client = self.clients;
        self.clients += 1;
        let is_undecided = |one: &Decision| one.reason == DecisionReason::Deferred;
        if is_undecided(before) || is_undecided(after) {
            self.undecided.push(client);
            return;
        }
        let (told, after) = (SimulatedDecision::from(before), SimulatedDecision::from(after));
        self.count(&told, &after);
        if told == after {
            return;
        }
        let installed = Version::from_installed(&before.current_version);
        let effects = Effect::of(installed.as_ref(), &told, &after);
        self.changed += 1;
        self.effects.count(&effects);
        self.changes.push(ClientChange {
            client,
            client_id: check.client_id().map(str::to_owned),
            product_id: before.product_id.clone(),
            current_version: before.current_version.clone(),
            before: told,
            after,
            effects,
        });
    }

    fn count(&mut self, before: &SimulatedDecision, after: &SimulatedDecision) {
        let known = &mut self.transitions;
        match known.iter_mut().find(|one| one.before == *before && one.after == *after) {
            Some(transition) => transition.clients += 1,
            None => known.push(DecisionTransition {
                before: before.clone(),
                after: after.clone(),
                clients: 1,
            }),
        }
    }
}
