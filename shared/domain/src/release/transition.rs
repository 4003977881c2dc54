//! The lifecycle of a release, `draft -> published -> revoked`, and the result of repeated
//! requests.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{MAX_ARTIFACTS, Release, ReleaseStatus, Revocation};
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
    /// Whether to revoke the version on every channel of the product, not only on that of the
    /// release. Default: false.
    #[serde(default)]
    pub all_channels: bool,
}

/// Request body of release-promote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPromotion {
    /// Channel to publish the same version and artifacts on.
    pub channel: Channel,
}

/// Request body of release-publish, optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// Number of artifacts that the release must have, 1 to 50, such as the number of CI jobs that
    /// each add one. Default: any number but none.
    #[schemars(range(min = 1, max = MAX_ARTIFACTS))]
    pub expected_artifacts: Option<usize>,
    /// Staged rollout to publish with. Default: that of the draft.
    pub rollout: Option<Rollout>,
}

impl Publication {
    /// Validates what can be validated without the catalog.
    ///
    /// # Errors
    /// `invalid_field`, with the field.
    pub fn check(&self) -> Result<()> {
        self.rollout.map(|rollout| rollout.check("rollout.basis_points")).transpose()?;
        match self.expected_artifacts {
            Some(expected) if !(1..=MAX_ARTIFACTS).contains(&expected) => Err(Error::invalid(
                "expected_artifacts",
                format!("{expected} is not between 1 and {MAX_ARTIFACTS}"),
            )),
            _ => Ok(()),
        }
    }
}

impl Release {
    /// The draft, published at `now`; `None` if it is published already: its rollout, which may
    /// have moved on since, stays.
    ///
    /// # Errors
    /// `stale_state` for a revoked release; `artifact_not_ready` for one without artifacts, or
    /// with another number of them than expected.
    pub fn published(&self, now: Timestamp, publication: &Publication) -> Result<Option<Self>> {
        if self.status != ReleaseStatus::Revoked {
            let expected = publication.expected_artifacts;
            expected.map(|expected| self.require_artifacts(expected)).transpose()?;
        }
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
                rollout: publication.rollout.unwrap_or(self.rollout),
                ..self.clone()
            })),
        }
    }

    /// The release, revoked at `now`; `None` if it is revoked already.
    ///
    /// # Errors
    /// `stale_state` for a draft.
    pub fn revoked(&self, now: Timestamp, by: &str, reason: Reason) -> Result<Option<Self>> {
        self.require_not_draft()?;
        if self.status == ReleaseStatus::Revoked {
            return Ok(None);
        }
        let revocation = Some(Revocation { revoked_at: now, revoked_by: by.to_owned(), reason });
        Ok(Some(Self { status: ReleaseStatus::Revoked, revocation, ..self.clone() }))
    }

    /// Checks that the release may be revoked.
    ///
    /// # Errors
    /// `stale_state` for a draft.
    pub fn require_not_draft(&self) -> Result<()> {
        if self.status == ReleaseStatus::Draft {
            return Err(self.stale("is a draft; delete it instead"));
        }
        Ok(())
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

    pub(super) fn stale(&self, why: &str) -> Error {
        Error::new(Code::StaleState, format!("{} {why}", self.release_id))
            .with(json!({ "status": self.status }))
    }

    /// The conflict between `self`, the requested release, and `existing`, which has the same
    /// version and channel; `None` if they agree and the request is a repetition. The rollout is
    /// not compared, because it may change after publication.
    ///
    /// Several jobs that draft a version meet in one draft: a requested draft agrees with a draft,
    /// or with what was published of it since, that has its artifacts and more, and without
    /// metadata with any metadata.
    #[must_use]
    pub fn difference(&self, existing: &Self) -> Option<Error> {
        let mut differences = Map::new();
        let mut compare = |field: &str, asked: Value, stands: Value| {
            if asked != stands {
                differences
                    .insert(field.to_owned(), json!({ "requested": asked, "existing": stands }));
            }
        };
        let is_draft = self.status == ReleaseStatus::Draft;
        compare("version", json!(self.version), json!(existing.version));
        if !(is_draft && existing.status == ReleaseStatus::Published) {
            compare("status", json!(self.status), json!(existing.status));
        }
        if !(is_draft && self.metadata.is_none()) {
            compare("metadata", json!(self.metadata), json!(existing.metadata));
        }
        let is_as_large = is_draft || self.artifacts.len() == existing.artifacts.len();
        if !(is_as_large && existing.includes_artifacts(&self.artifacts)) {
            compare("artifacts", self.sorted_artifacts(), existing.sorted_artifacts());
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
