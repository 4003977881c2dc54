//! What there will be once a change is made, read back from the change as it was approved.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::to_raw_value;

use super::{Approval, ApprovalStatus, GatedChange, GatedOperation};
use crate::product::Product;
use crate::release::{HaltRule, Halting, Release, ReleaseArtifact, ReleaseStatus, UpgradePath};
use crate::rollout::{Rollout, RolloutPlan, RolloutStep, StagedRollout};
use crate::{Code, Error, Metadata, ReleaseId, Result};

/// A release in the description of a change.
#[derive(Deserialize)]
struct DescribedRelease {
    artifacts: Vec<ReleaseArtifact>,
    metadata: Option<serde_json::Value>,
    #[serde(flatten)]
    upgrade_path: UpgradePath,
    rollout: DescribedRollout,
    halt_on: Option<HaltRule>,
}

/// A rollout in the description of a change.
#[derive(Deserialize)]
struct DescribedRollout {
    basis_points: u16,
    paused: bool,
    steps: Option<Vec<RolloutStep>>,
}

impl Approval {
    /// Makes sure that the change can still be made by this approval, as of its status.
    ///
    /// # Errors
    /// `stale_state` for one that was used or rejected or has expired.
    pub fn require_open(&self) -> Result<()> {
        if matches!(self.status, ApprovalStatus::Pending | ApprovalStatus::Approved) {
            return Ok(());
        }
        let (status, id) = (json!(self.status), &self.approval_id);
        let message = format!(
            "{id} is {}, so that its change is not made any more; only one that is pending or approved has an effect",
            status.as_str().unwrap_or_default()
        );
        Err(Error::new(Code::StaleState, message).with(json!({ "status": status })))
    }

    /// The release as there would be, were the change made at `now`: of `before`, the release that is
    /// changed, or a new one. What the operation does not set is as it is now.
    ///
    /// # Errors
    /// `stale_state` where the same request would be another change by now, which this approval does
    /// not permit.
    pub fn release_after(&self, before: Option<&Release>, now: Timestamp) -> Result<Release> {
        let described = DescribedRelease::deserialize(&self.change).map_err(Error::internal)?;
        let after = match before {
            Some(before) => self.changed(before.clone(), described, now)?,
            None => self.created(described, now)?,
        };
        let changed = self.release_id.as_ref();
        let change = GatedChange::of_release(self.operation, changed, before, &after)?;
        if change.sha256 == self.change_sha256 {
            return Ok(after);
        }
        let message = format!(
            "what {} is about has changed since; repeat the request of the change to ask anew",
            self.approval_id
        );
        Err(Error::new(Code::StaleState, message))
    }

    fn changed(
        &self,
        mut release: Release,
        described: DescribedRelease,
        now: Timestamp,
    ) -> Result<Release> {
        let DescribedRelease { metadata, upgrade_path, rollout, halt_on, .. } = described;
        match self.operation {
            GatedOperation::ReleaseUpdate => {
                release.metadata = from_description(metadata)?;
                release.upgrade_path = upgrade_path;
                release.halting.halt_on = halt_on;
            }
            GatedOperation::ReleasePublish => {
                release.status = ReleaseStatus::Published;
                release.published_at = Some(now);
                release.rollout = rollout.staged().started(now);
                release.halting.halt_on = halt_on;
            }
            _ => release.rollout = rollout.staged().started(now),
        }
        Ok(release)
    }

    /// The release that release-create or release-promote makes. Its id is not known before: it has that
    /// of the approval.
    fn created(&self, described: DescribedRelease, now: Timestamp) -> Result<Release> {
        let DescribedRelease { artifacts, metadata, upgrade_path, rollout, halt_on } = described;
        let version = self.version.clone();
        Ok(Release {
            release_id: self.stand_in_release_id()?,
            product_id: self.product_id.clone(),
            version: version.ok_or_else(|| Error::internal("a release without a version"))?,
            channel: self.channel.clone(),
            status: ReleaseStatus::Published,
            artifacts,
            metadata: from_description(metadata)?,
            rollout: rollout.staged().started(now),
            upgrade_path,
            halting: Halting::new(halt_on),
            created_at: now,
            created_by: self.requested_by.actor.clone(),
            published_at: Some(now),
            published_by: None,
            promoted_from: self.release_id.clone(),
            revocation: None,
        })
    }

    fn stand_in_release_id(&self) -> Result<ReleaseId> {
        let id = self.approval_id.as_str().trim_start_matches("apr_");
        format!("rel_{id}").parse().map_err(Error::internal)
    }

    /// The product as product-update would make it of `before` at `now`.
    ///
    /// # Errors
    /// `internal` if the description can't be read.
    pub fn product_after(&self, before: &Product, now: Timestamp) -> Result<Product> {
        let mut described = self.change.get("product").cloned().unwrap_or_default();
        if let Some(members) = described.as_object_mut() {
            members.insert("updated_at".to_owned(), json!(now.max(before.updated_at)));
        }
        serde_json::from_value(described).map_err(Error::internal)
    }
}

impl DescribedRollout {
    fn staged(self) -> StagedRollout {
        let Self { basis_points, paused, steps } = self;
        let plan = |steps| RolloutPlan { steps, started_at: None, paused_at: None };
        StagedRollout { current: Rollout { basis_points, paused }, plan: steps.map(plan) }
    }
}

/// Metadata as it was described: what an earlier version stored may have any form.
fn from_description(metadata: Option<serde_json::Value>) -> Result<Option<Metadata>> {
    let raw = metadata.map(|value| to_raw_value(&value)).transpose().map_err(Error::internal)?;
    Ok(raw.map(|raw| Metadata::from_stored(&raw)))
}
