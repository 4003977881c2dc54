//! How a release moves on: `draft -> published -> revoked`, and what a repeated request finds.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Release, ReleaseStatus, Revocation};
use crate::product::Product;
use crate::rollout::Rollout;
use crate::text::Reason;
use crate::{Channel, Code, Error, ReleaseId, Result};

/// What release-revoke takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRevocation {
    /// Why; it is kept for the audit.
    pub reason: Reason,
}

/// What release-promote takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPromotion {
    /// The channel to publish the same version and bytes on.
    pub channel: Channel,
}

impl Release {
    /// The draft, published at `now`; `None` if it is published already.
    ///
    /// # Errors
    /// `stale_state` for a revoked release, `artifact_not_ready` for one without artifacts.
    pub fn published(&self, now: Timestamp) -> Result<Option<Self>> {
        match self.status {
            ReleaseStatus::Published => Ok(None),
            ReleaseStatus::Revoked => Err(self.stale("is revoked; publish another version")),
            ReleaseStatus::Draft if self.artifacts.is_empty() => Err(Error::new(
                Code::ArtifactNotReady,
                format!("{} has no artifact yet", self.release_id),
            )),
            ReleaseStatus::Draft => Ok(Some(Self {
                status: ReleaseStatus::Published,
                published_at: Some(now),
                ..self.clone()
            })),
        }
    }

    /// The release, revoked at `now`; `None` if it is revoked already.
    ///
    /// # Errors
    /// `stale_state` for a draft.
    pub fn revoked(&self, now: Timestamp, by: &str, reason: Reason) -> Result<Option<Self>> {
        match self.status {
            ReleaseStatus::Draft => Err(self.stale("is a draft; delete it instead")),
            ReleaseStatus::Revoked => Ok(None),
            ReleaseStatus::Published => {
                let revocation = Revocation { revoked_at: now, revoked_by: by.to_owned(), reason };
                Ok(Some(Self {
                    status: ReleaseStatus::Revoked,
                    revocation: Some(revocation),
                    ..self.clone()
                }))
            }
        }
    }

    /// The release with another rollout; `None` if it has that one already.
    ///
    /// # Errors
    /// `stale_state` for a revoked release, `invalid_field` for a share above 100%.
    pub fn rolled_out(&self, rollout: Rollout) -> Result<Option<Self>> {
        let rollout = rollout.check("basis_points")?;
        if self.status == ReleaseStatus::Revoked {
            return Err(self.stale("is revoked; it is offered to no one"));
        }
        Ok((self.rollout != rollout).then(|| Self { rollout, ..self.clone() }))
    }

    /// The same version and bytes on another channel, published at `now` to everyone there.
    ///
    /// # Errors
    /// `stale_state` unless it is published, `unknown_channel` where the product has no such
    /// channel, `invalid_field` for the channel it is on.
    pub fn promoted(
        &self,
        now: Timestamp,
        id: ReleaseId,
        product: &Product,
        to: NewPromotion,
        by: &str,
    ) -> Result<Self> {
        product.require_channel(&to.channel)?;
        if to.channel == self.channel {
            return Err(Error::invalid(
                "channel",
                format!("{} is on `{}` already", self.release_id, self.channel),
            ));
        }
        if self.status != ReleaseStatus::Published {
            return Err(self.stale(
                "is not published; only what clients get on one channel can be promoted to another",
            ));
        }
        Ok(Self {
            release_id: id,
            channel: to.channel,
            rollout: Rollout::default(),
            created_at: now,
            created_by: by.to_owned(),
            published_at: Some(now),
            promoted_from: Some(self.release_id.clone()),
            ..self.clone()
        })
    }

    /// Makes sure that the release may be deleted.
    ///
    /// # Errors
    /// `stale_state` for anything but a draft.
    pub fn require_draft(&self) -> Result<()> {
        if self.status == ReleaseStatus::Draft {
            Ok(())
        } else {
            Err(self.stale("is not a draft; revoke it instead"))
        }
    }

    fn stale(&self, why: &str) -> Error {
        Error::new(Code::StaleState, format!("{} {why}", self.release_id))
            .with(json!({ "status": self.status }))
    }

    /// What `self`, as asked for now, and `existing`, which has its place, differ in; `None` where
    /// a repeated request asks for what is there. The rollout does not count: it is changed after
    /// publishing.
    #[must_use]
    pub fn difference(&self, existing: &Self) -> Option<Error> {
        let mut differences = Map::new();
        let mut compare = |field: &str, asked: Value, stands: Value| {
            if asked != stands {
                differences
                    .insert(field.to_owned(), json!({ "requested": asked, "existing": stands }));
            }
        };
        compare("version", json!(self.version), json!(existing.version));
        // A draft that was published since is what a repeated request for the draft finds.
        if (self.status, existing.status) != (ReleaseStatus::Draft, ReleaseStatus::Published) {
            compare("status", json!(self.status), json!(existing.status));
        }
        compare("metadata", json!(self.metadata), json!(existing.metadata));
        let (asked, stands) = (self.sorted_artifacts(), existing.sorted_artifacts());
        if without_ids(asked.clone()) != without_ids(stands.clone()) {
            compare("artifacts", asked, stands);
        }
        if differences.is_empty() {
            return None;
        }
        let message = format!(
            "version {} of {} exists on `{}` as {} with other content; details has the differences",
            existing.version, existing.product_id, existing.channel, existing.release_id
        );
        let details = json!({ "release_id": existing.release_id, "differences": differences });
        Some(Error::new(Code::ReleaseExists, message).at("version").with(details))
    }

    fn sorted_artifacts(&self) -> Value {
        let mut artifacts: Vec<_> = self.artifacts.iter().collect();
        artifacts.sort_by_key(|a| (a.platform, a.arch, a.installer_type));
        json!(artifacts)
    }
}

/// What artifacts are, whatever their ids: CI that runs again uploads the same bytes again.
fn without_ids(mut artifacts: Value) -> Value {
    for members in artifacts.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        members.remove("artifact_id");
    }
    artifacts
}
