//! What a change does to a client that an operator has to know before making it.

use schemars::JsonSchema;
use serde::Serialize;

use super::SimulatedDecision;
use crate::Version;
use crate::decision::DecisionReason;

/// What a change does to a client that an operator has to know before making it. A client can have
/// several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SimulationEffect")]
pub enum Effect {
    /// After the change it is offered a version below the installed one. Before it was offered none,
    /// or a higher one.
    MovedBackwards,
    /// After the change it is offered nothing and can't go on where it is: its version is revoked or
    /// blocked, or higher versions are live that its machine or its version keeps from it. Before
    /// that was not so. A release that is held back or that policy blocks strands nobody.
    Stranded,
    /// Before the change it is offered a release, after it none.
    LosesOffer,
    /// It is offered a release before and after, and after the change a lower version.
    OfferedLower,
}

/// How many clients a change affects, by effect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EffectCounts {
    /// Clients that are `moved_backwards`.
    pub moved_backwards: usize,
    /// Clients that are `stranded`.
    pub stranded: usize,
    /// Clients of which each `loses_offer`.
    pub loses_offer: usize,
    /// Clients that are `offered_lower`.
    pub offered_lower: usize,
}

impl EffectCounts {
    pub(crate) fn count(&mut self, effects: &[Effect]) {
        for effect in effects {
            let counted = match effect {
                Effect::MovedBackwards => &mut self.moved_backwards,
                Effect::Stranded => &mut self.stranded,
                Effect::LosesOffer => &mut self.loses_offer,
                Effect::OfferedLower => &mut self.offered_lower,
            };
            *counted += 1;
        }
    }
}

impl Effect {
    /// The effects on a client with `installed`, which is `None` where that is no version.
    pub(crate) fn of(
        installed: Option<&Version>,
        before: &SimulatedDecision,
        after: &SimulatedDecision,
    ) -> Vec<Self> {
        let (offered, offer) = (before.version.as_ref(), after.version.as_ref());
        let is_lower = offered.is_some_and(|before| offer.is_some_and(|after| after < before));
        let is_below_installed = offer.is_some_and(|offer| Some(offer) < installed);
        let all = [
            (Self::MovedBackwards, is_below_installed && (offered.is_none() || is_lower)),
            (Self::Stranded, is_stranded(after) && !is_stranded(before)),
            (Self::LosesOffer, offered.is_some() && offer.is_none()),
            (Self::OfferedLower, is_lower),
        ];
        all.into_iter().filter(|(_, applies)| *applies).map(|(effect, _)| effect).collect()
    }
}

/// Whether a client can't go on where it is, and neither it nor time changes that.
fn is_stranded(told: &SimulatedDecision) -> bool {
    matches!(
        told.reason,
        DecisionReason::CurrentVersionRevoked
            | DecisionReason::NoMatchingArtifact
            | DecisionReason::OsTooOld
            | DecisionReason::CurrentVersionTooOld
    )
}
