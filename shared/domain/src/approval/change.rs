//! What is approved: exactly one change, by its digest; and which changes wait for that.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::product::Product;
use crate::release::{Halting, Release, ReleaseStatus};
use crate::rollout::StagedRollout;
use crate::{Channel, Error, ProductId, ReleaseId, Result, Scope, Sha256, Version};

/// The `context` of every change: it sets their digests apart from those of other documents.
const CONTEXT: &str = "slipway-approval-v1";

/// An operation whose changes wait for sign-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum GatedOperation {
    /// release-create with artifacts.
    #[serde(rename = "release-create")]
    ReleaseCreate,
    /// release-publish.
    #[serde(rename = "release-publish")]
    ReleasePublish,
    /// release-promote.
    #[serde(rename = "release-promote")]
    ReleasePromote,
    /// release-rollout.
    #[serde(rename = "release-rollout")]
    ReleaseRollout,
    /// release-update of a live release.
    #[serde(rename = "release-update")]
    ReleaseUpdate,
    /// product-update that weakens the rule itself.
    #[serde(rename = "product-update")]
    ProductUpdate,
}

impl GatedOperation {
    /// The scope that making the change needs, and that approving it needs.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::ReleaseCreate | Self::ReleasePublish | Self::ReleaseUpdate => {
                Scope::ReleasesPublish
            }
            Self::ReleasePromote => Scope::ReleasesPromote,
            Self::ReleaseRollout => Scope::ReleasesRollout,
            Self::ProductUpdate => Scope::AdminWrite,
        }
    }
}

/// A change that waits for sign-off.
#[derive(Debug, Clone, PartialEq)]
pub struct GatedChange {
    /// Operation that makes it.
    pub operation: GatedOperation,
    /// Product that it is about.
    pub product_id: ProductId,
    /// Channel whose clients are concerned, or whose rule is weakened.
    pub channel: Channel,
    /// Release that is changed or promoted, where there is one before the change.
    pub release_id: Option<ReleaseId>,
    /// Version of the release.
    pub version: Option<Version>,
    /// The change in full: what there will be when it is made. No times and no actors, so that the
    /// same request is the same change whenever it is repeated.
    pub description: Value,
    /// Digest of the description in canonical form (RFC 8785).
    pub sha256: Sha256,
}

impl GatedChange {
    /// The change by which `release` becomes what it is here. `changed` is the id of the release that
    /// is changed or promoted.
    ///
    /// # Errors
    /// `internal` if it has no canonical form.
    pub fn of_release(
        operation: GatedOperation,
        changed: Option<&ReleaseId>,
        before: Option<&Release>,
        release: &Release,
    ) -> Result<Self> {
        let description = json!({
            "context": CONTEXT,
            "operation": operation,
            "release_id": changed,
            "product_id": release.product_id,
            "channel": release.channel,
            "version": release.version,
            "artifacts": sorted_artifacts(release),
            "metadata": release.metadata,
            "required": release.upgrade_path.required,
            "min_current_version": release.upgrade_path.min_current_version,
            "rollout": rollout(&release.rollout),
            "halt_on": release.halting.halt_on,
            "was": before.map(previous_state),
        });
        Ok(Self {
            operation,
            product_id: release.product_id.clone(),
            channel: release.channel.clone(),
            release_id: changed.cloned(),
            version: Some(release.version.clone()),
            sha256: digest(&description)?,
            description,
        })
    }

    /// The change by which `product` becomes what it is here, and weakens the rule of `channel`.
    ///
    /// # Errors
    /// `internal` if it has no canonical form.
    pub fn of_product(channel: &Channel, product: &Product) -> Result<Self> {
        let operation = GatedOperation::ProductUpdate;
        let mut content = json!(product);
        if let Some(members) = content.as_object_mut() {
            members.remove("updated_at");
        }
        let description = json!({ "context": CONTEXT, "operation": operation, "product": content });
        Ok(Self {
            operation,
            product_id: product.product_id.clone(),
            channel: channel.clone(),
            release_id: None,
            version: None,
            sha256: digest(&description)?,
            description,
        })
    }
}

fn digest(description: &Value) -> Result<Sha256> {
    let canonical = serde_json_canonicalizer::to_vec(description).map_err(Error::internal)?;
    Ok(Sha256::of(&canonical))
}

/// The product that there will be after the change of one, but for its time; `None` for a change of a
/// release.
pub(super) fn product_after(description: &Value, updated_at: Timestamp) -> Option<Product> {
    let mut content = description.get("product")?.clone();
    content.as_object_mut()?.insert("updated_at".to_owned(), json!(updated_at));
    serde_json::from_value(content).ok()
}

fn sorted_artifacts(release: &Release) -> Value {
    let mut artifacts: Vec<_> = release.artifacts.iter().collect();
    artifacts.sort_by_key(|one| (one.platform, one.arch, one.installer_type));
    json!(artifacts)
}

/// From where a rollout goes on: who has approved a larger share has not approved that a release goes on
/// which was paused, halted or reduced since, nor that it does so twice. A share that the clock
/// raises by steps says nothing.
fn previous_state(before: &Release) -> Value {
    let Halting { halted, round, .. } = &before.halting;
    let StagedRollout { current, plan } = &before.rollout;
    let share = plan.is_none().then_some(current.basis_points);
    json!({ "paused": current.paused, "halted": halted, "round": round, "basis_points": share })
}

fn rollout(rollout: &StagedRollout) -> Value {
    let steps = rollout.plan.as_ref().map(|plan| &plan.steps);
    let current = rollout.current;
    json!({ "basis_points": current.basis_points, "paused": current.paused, "steps": steps })
}

impl Release {
    /// Whether the change from `before`, which is `None` for a new release, waits for sign-off where
    /// the channel asks for it.
    ///
    /// What never waits is what gives an update to nobody new: a release that clients do not get
    /// after it (a draft, a revoked one, a paused one that was not required), a share that is not
    /// raised, a rule that halts where there was none.
    #[must_use]
    pub fn waits_for_sign_off(&self, before: Option<&Self>) -> bool {
        if self.status != ReleaseStatus::Published {
            return false;
        }
        let Some(live) = before.filter(|before| before.status == ReleaseStatus::Published) else {
            return true;
        };
        // Clients wait for a required release however it rests: it opens the way when it is no more.
        self.opens_the_way(live)
            || (!self.rollout.current.paused
                && (self.differs_for_clients(live) || self.reaches_more_than(live)))
    }

    fn opens_the_way(&self, before: &Self) -> bool {
        before.upgrade_path.required && !self.upgrade_path.required
    }

    fn differs_for_clients(&self, before: &Self) -> bool {
        let loses_rule = before.halting.halt_on.is_some();
        self.metadata != before.metadata
            || self.upgrade_path != before.upgrade_path
            || (loses_rule && self.halting.halt_on != before.halting.halt_on)
    }

    fn reaches_more_than(&self, before: &Self) -> bool {
        if self.rollout == before.rollout {
            return false;
        }
        let current = before.rollout.current;
        let had = if current.paused { 0 } else { current.basis_points };
        let last = self.rollout.plan.as_ref().and_then(|plan| plan.steps.last());
        let reach = last.map_or(0, |step| step.basis_points).max(self.rollout.current.basis_points);
        reach > had
    }
}
