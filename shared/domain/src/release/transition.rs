//! The lifecycle of a release, `draft -> published -> revoked`, and the result of repeated
//! requests.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Release, ReleaseStatus, Revocation};
use crate::product::Product;
use crate::rollout::Rollout;
use crate::text::Reason;
use crate::{Channel, Code, Error, ReleaseId, Result};

/// Request body of release-revoke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRevocation {
    /// Reason for the revocation, recorded in the audit log.
    pub reason: Reason,
}

/// Request body of release-promote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPromotion {
    /// Channel to publish the same version and artifacts on.
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

    /// The release with `rollout`; `None` if it has that rollout already.
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

    /// The same version and artifacts on another channel, published at `now` to all clients there.
    ///
    /// # Errors
    /// `stale_state` unless the release is published, `unknown_channel` if the product has no such
    /// channel, `invalid_field` for the channel that it is on.
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

    /// Checks that the release may be deleted.
    ///
    /// # Errors
    /// `stale_state` unless it is a draft.
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

    /// The conflict between `self`, the requested release, and `existing`, which has the same
    /// version and channel; `None` if they agree and the request is a repetition. The rollout is
    /// not compared, because it may change after publication.
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

/// Artifacts without their ids: a repeated CI run uploads the same bytes under new ids.
fn without_ids(mut artifacts: Value) -> Value {
    for members in artifacts.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        members.remove("artifact_id");
    }
    artifacts
}
