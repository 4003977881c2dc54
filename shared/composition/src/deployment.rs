//! Where release bundles are deployed, and where they are on their way to.

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::Timestamp;
use slipway_domain::text::Name;

use crate::environment::Environment;
use crate::id::{EnvironmentId, PromotionId, ReleaseBundleId};
use crate::promotion::{BundlePromotionStatus, OpenPromotion};

/// What is deployed in an environment: the release bundle that came last. An environment that none
/// has come to has no deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The environment.
    pub environment_id: EnvironmentId,
    /// The release bundle.
    pub bundle_id: ReleaseBundleId,
    /// When it came.
    pub deployed_at: Timestamp,
}

/// Whether a release is deployed somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeploymentStatus {
    /// It is what is deployed there.
    Deployed,
    /// It is not, or another release has taken its place.
    NotDeployed,
}

/// Where a release is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BundleState {
    /// All environments, by `orderIndex`, and by name where that is the same.
    pub environments: Vec<EnvironmentState>,
}

/// Whether a release is deployed in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentState {
    /// Id of the environment.
    pub environment_id: EnvironmentId,
    /// Display name of the environment.
    pub environment_name: Name,
    /// Whether the release is deployed there.
    pub status: DeploymentStatus,
    /// Time of the deployment, RFC 3339, UTC; absent, where the release is not deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub deployed_at: Option<Timestamp>,
    /// The promotion of the release to the environment that has not ended yet; absent, where there
    /// is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promotion: Option<EnvironmentPromotion>,
}

/// A promotion that has not ended yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EnvironmentPromotion {
    /// Id of the promotion.
    pub id: PromotionId,
    /// `awaiting_approval` or `in_progress`.
    pub status: BundlePromotionStatus,
}

impl BundleState {
    /// Where the bundle `id` is deployed among `environments`, and where it is on its way to, given
    /// what is deployed anywhere, and all promotions that are open.
    #[must_use]
    pub fn of(
        id: &ReleaseBundleId,
        mut environments: Vec<Environment>,
        (deployments, promotions): (&[Deployment], &[OpenPromotion]),
    ) -> Self {
        environments.sort_by(|a, b| a.order().cmp(&b.order()));
        let deployed_at = |environment: &EnvironmentId| {
            let mut here = deployments.iter().filter(|it| it.environment_id == *environment);
            here.find(|it| it.bundle_id == *id).map(|it| it.deployed_at)
        };
        let promotion = |environment: &EnvironmentId| {
            let mut here = promotions.iter().filter(|it| it.environment_id == *environment);
            let open = here.find(|it| it.bundle_id == *id)?;
            Some(EnvironmentPromotion { id: open.promotion_id.clone(), status: open.status })
        };
        let state = |environment: Environment| {
            let deployed_at = deployed_at(&environment.id);
            let status = match deployed_at {
                Some(_) => DeploymentStatus::Deployed,
                None => DeploymentStatus::NotDeployed,
            };
            EnvironmentState {
                promotion: promotion(&environment.id),
                environment_id: environment.id,
                environment_name: environment.display_name,
                status,
                deployed_at,
            }
        };
        Self { environments: environments.into_iter().map(state).collect() }
    }
}
