//! Promotions of release bundles: a bundle on its way to an environment.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use slipway_domain::approval::{Rejection, Vote};
use slipway_domain::text::Reason;
use slipway_domain::{Code, Error, Result, Timestamp};

use crate::bundle::NotAllowed;
use crate::deployment::Deployment;
use crate::environment::Environment;
use crate::id::{EnvironmentId, PromotionId, ReleaseBundleId};
use crate::name::BundleName;
use crate::release_bundle::ReleaseBundle;

/// Where the promotion of a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BundlePromotionStatus {
    /// It waits for the approvals that its environment asks for.
    AwaitingApproval,
    /// It may be carried out: whoever deploys it tells how it ends.
    InProgress,
    /// The release is deployed in the environment, or was until another one came.
    Deployed,
    /// It has failed, and the environment has what it had.
    Failed,
    /// Somebody has rejected or withdrawn it before it began.
    Rejected,
}

/// How a promotion ends that was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PromotionResult {
    /// The release is deployed in the environment.
    Deployed,
    /// It is not, and the environment has what it had.
    Failed,
}

/// The promotion of a release to an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BundlePromotion {
    /// Id of the promotion.
    pub id: PromotionId,
    /// Id of the release.
    pub release_id: ReleaseBundleId,
    /// Name of the release.
    pub release_name: BundleName,
    /// Id of the environment.
    pub target_environment_id: EnvironmentId,
    /// Where the promotion stands.
    pub status: BundlePromotionStatus,
    /// Why the release is promoted; null, where it is not said.
    pub reason: Option<Reason>,
    /// How many others have to approve: while it waits, by what the environment asks for now; after
    /// that, what it asked for then.
    pub required_approvals: u32,
    /// Who has approved, and whether it counts.
    pub approvals: Vec<Vote>,
    /// Who has rejected it, and why; null, where nobody has.
    pub rejection: Option<Rejection>,
    /// Time of the request, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Who asked for it.
    pub created_by: String,
    /// Since when it may be carried out, RFC 3339, UTC; null, where that is not so yet.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub started_at: Option<Timestamp>,
    /// When it ended, RFC 3339, UTC; null, where it has not.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub completed_at: Option<Timestamp>,
}

/// A promotion in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BundlePromotionSummary {
    /// Id of the promotion.
    pub id: PromotionId,
    /// Id of the release.
    pub release_id: ReleaseBundleId,
    /// Name of the release.
    pub release_name: BundleName,
    /// Id of the environment.
    pub target_environment_id: EnvironmentId,
    /// Where the promotion stands.
    pub status: BundlePromotionStatus,
    /// Time of the request, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
    /// When it ended, RFC 3339, UTC; null, where it has not.
    #[schemars(with = "Option<slipway_domain::page::Rfc3339>")]
    pub completed_at: Option<Timestamp>,
}

/// The promotion that an environment is open for: one at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPromotion {
    /// The environment.
    pub environment_id: EnvironmentId,
    /// The promotion.
    pub promotion_id: PromotionId,
    /// The release bundle that is promoted.
    pub bundle_id: ReleaseBundleId,
    /// Whether it waits or is carried out.
    pub status: BundlePromotionStatus,
}

/// Request body of promotion-create.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewBundlePromotion {
    /// Id of the release.
    pub release_id: ReleaseBundleId,
    /// Id of the environment.
    pub target_environment_id: EnvironmentId,
    /// Why the release is promoted. Default: it is not said.
    pub reason: Option<Reason>,
}

/// Request body of promotion-complete.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromotionCompletion {
    /// How the promotion has ended.
    pub status: PromotionResult,
}

impl BundlePromotionStatus {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::AwaitingApproval, Self::InProgress, Self::Deployed, Self::Failed, Self::Rejected];

    /// Whether the promotion has not ended yet.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::AwaitingApproval | Self::InProgress)
    }

    /// As `/api/v1` writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingApproval => "awaiting_approval",
            Self::InProgress => "in_progress",
            Self::Deployed => "deployed",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
        }
    }
}

impl From<PromotionResult> for BundlePromotionStatus {
    fn from(result: PromotionResult) -> Self {
        match result {
            PromotionResult::Deployed => Self::Deployed,
            PromotionResult::Failed => Self::Failed,
        }
    }
}

impl NewBundlePromotion {
    /// The promotion of `bundle` that `created_by` asks for at `now`. It begins at once where the
    /// environment asks for no approval.
    #[must_use]
    pub fn create(
        &self,
        (bundle, environment): (&ReleaseBundle, &Environment),
        created_by: &str,
        (id, now): (PromotionId, Timestamp),
    ) -> BundlePromotion {
        let waiting = BundlePromotion {
            id,
            release_id: bundle.id.clone(),
            release_name: bundle.name.clone(),
            target_environment_id: environment.id.clone(),
            status: BundlePromotionStatus::AwaitingApproval,
            reason: self.reason.clone(),
            required_approvals: environment.required_approvals,
            approvals: Vec::new(),
            rejection: None,
            created_at: now,
            created_by: created_by.to_owned(),
            started_at: None,
            completed_at: None,
        };
        waiting.begun_if_approved(now)
    }
}

impl BundlePromotion {
    /// What lists show of it.
    #[must_use]
    pub fn summary(&self) -> BundlePromotionSummary {
        BundlePromotionSummary {
            id: self.id.clone(),
            release_id: self.release_id.clone(),
            release_name: self.release_name.clone(),
            target_environment_id: self.target_environment_id.clone(),
            status: self.status,
            created_at: self.created_at,
            completed_at: self.completed_at,
        }
    }

    /// What its environment is open for while it is; `None` once it has ended.
    #[must_use]
    pub fn open(&self) -> Option<OpenPromotion> {
        self.status.is_open().then(|| OpenPromotion {
            environment_id: self.target_environment_id.clone(),
            promotion_id: self.id.clone(),
            bundle_id: self.release_id.clone(),
            status: self.status,
        })
    }

    /// What it has deployed; `None` where it has not ended well.
    #[must_use]
    pub fn deployment(&self) -> Option<Deployment> {
        let deployed_at = self.completed_at?;
        (self.status == BundlePromotionStatus::Deployed).then(|| Deployment {
            environment_id: self.target_environment_id.clone(),
            bundle_id: self.release_id.clone(),
            deployed_at,
        })
    }

    /// The promotion, which was carried out and ended at `now`; `None` where it has ended so
    /// already.
    ///
    /// # Errors
    /// `stale_state` where it has not begun, or has ended otherwise.
    pub fn completed(&self, result: PromotionResult, now: Timestamp) -> Result<Option<Self>> {
        let status = result.into();
        if self.status == status {
            return Ok(None);
        }
        self.require(BundlePromotionStatus::InProgress)?;
        Ok(Some(Self { status, completed_at: Some(now), ..self.clone() }))
    }

    /// Makes sure that it stands at `needed`.
    pub(crate) fn require(&self, needed: BundlePromotionStatus) -> Result<()> {
        if self.status == needed {
            return Ok(());
        }
        let (status, needed) = (self.status.as_str(), needed.as_str());
        let message = format!("the promotion is {status}; it would have to be {needed}");
        Err(Error::new(Code::StaleState, message).with(json!({ "status": status })))
    }
}

impl OpenPromotion {
    /// Why another promotion to `environment` is refused.
    #[must_use]
    pub fn in_the_way(&self, environment: &Environment) -> Error {
        let Self { promotion_id, bundle_id, status, .. } = self;
        let message = format!(
            "`{}` takes one promotion at a time; {promotion_id} of the release {bundle_id} is {}",
            environment.name,
            status.as_str(),
        );
        let details = json!({ "promotionId": promotion_id, "releaseId": bundle_id });
        Error::new(Code::StaleState, message).with(details)
    }
}

/// Why a release bundle that stands elsewhere can't be promoted.
#[must_use]
pub fn not_promotable(NotAllowed { status, needed }: NotAllowed) -> Error {
    let message = format!("the release is {status}; it has to be {needed} to be promoted");
    Error::new(Code::ReleaseNotPromotable, message).with(json!({ "status": status }))
}

/// Why a promotion can't begin any more whose release bundle stands elsewhere by now.
#[must_use]
pub fn can_not_begin(NotAllowed { status, .. }: NotAllowed) -> Error {
    let message = format!("the release is {status}, so that the promotion can't begin; reject it");
    Error::new(Code::StaleState, message).with(json!({ "status": status }))
}
