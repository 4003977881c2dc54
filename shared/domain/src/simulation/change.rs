//! Changes that are proposed, and not made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::policy::{Policy, PolicyLevel};
use crate::product::ProductRef;
use crate::release::{HaltRuleChange, MAX_ARTIFACTS, NewPromotion, Publication};
use crate::rollout::NewRollout;
use crate::text::Reason;
use crate::{Channel, Error, ProductId, ReleaseId, Result, TenantId};

/// A change, with exactly one member, which says of what kind it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposedChange {
    /// That of release-publish.
    Publish(PublicationProposal),
    /// That of release-promote.
    Promote(PromotionProposal),
    /// That of release-rollout.
    Rollout(RolloutProposal),
    /// That of the operation that sets the policy of a level, or deletes it.
    Policy(PolicyProposal),
    /// That of release-revoke.
    Revoke(RevocationProposal),
}

/// The publication of a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PublicationProposal {
    /// Id of the draft.
    pub release_id: ReleaseId,
    /// Number of artifacts that the release must have, 1 to 50. Default: any number but none.
    #[schemars(range(min = 1, max = MAX_ARTIFACTS))]
    pub expected_artifacts: Option<usize>,
    /// Staged rollout to publish with. Default: that of the draft.
    pub rollout: Option<NewRollout>,
    /// When the rollout pauses by itself. It has no effect on what clients are told right after the
    /// change.
    #[serde(default, skip_serializing_if = "HaltRuleChange::is_keep")]
    pub halt_on: HaltRuleChange,
    /// Whether to let a prerelease on `stable` although the product does not allow it there.
    /// Default: false.
    #[serde(default)]
    pub allow_prerelease: bool,
}

/// The promotion of a release to another channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromotionProposal {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// Channel to publish the same version and artifacts on.
    pub channel: Channel,
    /// Staged rollout on that channel. A client's place in it follows from the id of the release
    /// that is made: with a share, the simulation shows how many clients get the release, and not
    /// which. Default: all clients.
    pub rollout: Option<NewRollout>,
    /// When the rollout on that channel pauses by itself. It has no effect on what clients are told
    /// right after the change.
    #[serde(default, skip_serializing_if = "HaltRuleChange::is_keep")]
    pub halt_on: HaltRuleChange,
    /// Whether to let a prerelease on `stable` although the product does not allow it there.
    /// Default: false.
    #[serde(default)]
    pub allow_prerelease: bool,
}

/// A change of a release's rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutProposal {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// The rollout; of steps, those that are due at once are simulated.
    pub rollout: NewRollout,
}

/// A change of the policy of a level: the deployment's, where neither a product nor a tenant is
/// named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["policy"]))]
pub struct PolicyProposal {
    /// Product that the policy applies to. Default: every product.
    pub product_id: Option<ProductId>,
    /// Tenant to whose clients the policy applies. Default: everybody's.
    pub tenant_id: Option<TenantId>,
    /// The policy, which replaces the one that is there as a whole; null deletes that.
    // Left out it would be a deletion that nobody meant.
    #[serde(deserialize_with = "Option::deserialize")]
    pub policy: Option<Policy>,
}

/// The revocation of a release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevocationProposal {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// Reason for the revocation. Default: none, since nothing is recorded.
    pub reason: Option<Reason>,
    /// Whether to revoke the version on every channel of the product, not only on that of the
    /// release. Default: false.
    #[serde(default)]
    pub all_channels: bool,
}

impl ProposedChange {
    /// Validates what can be validated without the catalog.
    ///
    /// # Errors
    /// What the operation that makes the change refuses, at its place in the request.
    pub fn check(&self) -> Result<()> {
        let checked = match self {
            Self::Publish(publish) => publish.publication().check(),
            Self::Promote(promote) => promote.promotion().check(),
            Self::Rollout(rollout) => rollout.rollout.check_change(),
            Self::Policy(PolicyProposal { policy: Some(policy), .. }) => policy.check(),
            Self::Policy(_) | Self::Revoke(_) => Ok(()),
        };
        checked.map_err(|error| self.locate(error))
    }

    /// The error of the operation that makes the change, at its place in a request to simulate it.
    #[must_use]
    pub fn locate(&self, error: Error) -> Error {
        let at = match self {
            Self::Publish(_) => "change.publish",
            Self::Promote(_) => "change.promote",
            Self::Rollout(_) => "change.rollout.rollout",
            Self::Policy(_) => "change.policy.policy",
            Self::Revoke(_) => "change.revoke",
        };
        match error.field().map(|field| format!("{at}.{field}")) {
            Some(field) => error.at(field),
            None => error,
        }
    }
}

impl PublicationProposal {
    /// The request that makes the change.
    #[must_use]
    pub fn publication(&self) -> Publication {
        let Self { expected_artifacts, rollout, halt_on, allow_prerelease, .. } = self.clone();
        Publication { expected_artifacts, rollout, halt_on, allow_prerelease }
    }
}

impl PromotionProposal {
    /// The request that makes the change.
    #[must_use]
    pub fn promotion(&self) -> NewPromotion {
        let Self { channel, rollout, halt_on, allow_prerelease, .. } = self.clone();
        NewPromotion { channel, rollout, halt_on, allow_prerelease }
    }
}

impl PolicyProposal {
    /// The level whose policy it is.
    #[must_use]
    pub fn level(&self) -> PolicyLevel<ProductRef> {
        let Self { tenant_id, product_id, .. } = self.clone();
        PolicyLevel { tenant_id, product_id: product_id.map(ProductRef::Id) }
    }
}
