//! The lifecycle of a release, `draft -> published -> revoked`, and the result of repeated
//! requests.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::prerelease::refuse_prerelease;
use super::{
    HaltRuleChange, Halting, MAX_ARTIFACTS, Release, ReleaseStatus, Revocation, UpgradePath,
};
use crate::metadata::TypedMetadata;
use crate::product::Product;
use crate::rollout::NewRollout;
use crate::text::Reason;
use crate::{Channel, Code, Error, Metadata, ReleaseId, Result, Version};

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
    /// Staged rollout on that channel. Default: all clients.
    pub rollout: Option<NewRollout>,
    /// When the rollout on that channel pauses by itself; null is never. Default: as of the release
    /// that is promoted.
    #[serde(default, skip_serializing_if = "HaltRuleChange::is_keep")]
    pub halt_on: HaltRuleChange,
    /// Whether to let a prerelease on `stable` although the product does not allow it there.
    /// Default: false.
    #[serde(default)]
    pub allow_prerelease: bool,
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
    pub rollout: Option<NewRollout>,
    /// When the rollout pauses by itself; null is never. Default: as the draft says.
    #[serde(default, skip_serializing_if = "HaltRuleChange::is_keep")]
    pub halt_on: HaltRuleChange,
    /// Whether to let a prerelease on `stable` although the product does not allow it there.
    /// Default: false.
    #[serde(default)]
    pub allow_prerelease: bool,
}

/// Request body of release-update. Fields that are left out stay as they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleasePatch {
    /// New metadata; it replaces the previous one as a whole.
    #[schemars(with = "Option<TypedMetadata>")]
    pub metadata: Option<Metadata>,
    /// Whether it is a stepping stone: clients below it are offered it before anything newer.
    pub required: Option<bool>,
    /// The lowest version that a client must have installed to be offered the release; below
    /// the release's own. `0.0.0-0`, the lowest version, removes the minimum.
    pub min_current_version: Option<Version>,
    /// When the rollout pauses by itself; null is never. A rollout that is halted stays paused.
    #[serde(default, skip_serializing_if = "HaltRuleChange::is_keep")]
    pub halt_on: HaltRuleChange,
}

impl ReleasePatch {
    /// Validates what can be validated without the catalog.
    ///
    /// # Errors
    /// `invalid_field`, with the field.
    pub fn check(&self) -> Result<()> {
        self.metadata.as_ref().map_or(Ok(()), Metadata::check)
    }
}

impl Publication {
    /// Validates what can be validated without the catalog.
    ///
    /// # Errors
    /// `invalid_field`, with the field.
    pub fn check(&self) -> Result<()> {
        self.planned_rollout()?;
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
    /// The draft, published at `now` by the actor `by`; `None` if it is published already: its rollout, which may
    /// have moved on since, stays.
    ///
    /// # Errors
    /// `stale_state` for a revoked release; `artifact_not_ready` for one without artifacts, or
    /// with another number of them than expected; `prerelease_not_allowed` for a prerelease on
    /// `stable` that the publication does not allow.
    pub fn published(
        &self,
        now: Timestamp,
        by: &str,
        publication: &Publication,
    ) -> Result<Option<Self>> {
        if self.status != ReleaseStatus::Revoked {
            let expected = publication.expected_artifacts;
            expected.map(|expected| self.require_artifacts(expected)).transpose()?;
        }
        match self.status {
            ReleaseStatus::Published => Ok(None),
            ReleaseStatus::Revoked => Err(self.withdrawn("publish another version")),
            ReleaseStatus::Draft if self.artifacts.is_empty() => Err(Error::new(
                Code::ArtifactNotReady,
                format!("{} has no artifact yet", self.release_id),
            )),
            ReleaseStatus::Draft => {
                if !publication.allow_prerelease {
                    refuse_prerelease(&self.version, &self.channel)?;
                }
                let asked = publication.planned_rollout()?;
                let rollout = asked.unwrap_or_else(|| self.rollout.clone());
                Ok(Some(Self {
                    status: ReleaseStatus::Published,
                    published_at: Some(now),
                    published_by: Some(by.to_owned()),
                    rollout: rollout.started(now),
                    halting: self.halting_with(publication.halt_on),
                    ..self.clone()
                }))
            }
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

    /// The release with `patch` applied; `None` if that changes nothing.
    ///
    /// # Errors
    /// `stale_state` for a revoked release; `invalid_field` for a minimum that is not below the release.
    pub fn patched(&self, patch: &ReleasePatch) -> Result<Option<Self>> {
        if self.status == ReleaseStatus::Revoked {
            return Err(self.withdrawn("nobody gets its metadata any more"));
        }
        let ReleasePatch { metadata, required, min_current_version, halt_on } = patch;
        let upgrade_path = self.upgrade_path.patched(*required, min_current_version.as_ref());
        let upgrade_path = upgrade_path.to(&self.version)?;
        let metadata = metadata.as_ref().or(self.metadata.as_ref()).cloned();
        let halting = self.halting_with(*halt_on);
        let patched = Self { metadata, upgrade_path, halting, ..self.clone() };
        Ok((patched != *self).then_some(patched))
    }

    /// The same version and artifacts on another channel, published at `now` to the clients there
    /// that the rollout of the request admits.
    ///
    /// # Errors
    /// `stale_state` unless the release is published, and where its rollout is halted,
    /// `unknown_channel` if the product has no such
    /// channel, `prerelease_not_allowed` for a prerelease on `stable` that neither the product nor
    /// the request allows, `invalid_field` for the channel that it is on, for one more than a
    /// product can have, or for a rollout that contradicts itself.
    pub fn promoted(
        &self,
        now: Timestamp,
        id: ReleaseId,
        product: &Product,
        to: NewPromotion,
        by: &str,
    ) -> Result<Self> {
        product.require_channel_or_room(&to.channel)?;
        if to.channel == self.channel {
            return Err(Error::invalid(
                "channel",
                format!("{} is on `{}` already", self.release_id, self.channel),
            ));
        }
        self.require_live("only what clients get on one channel can be promoted to another")?;
        self.require_not_halted()?;
        if !to.allow_prerelease && !product.allows_prereleases_on(&to.channel) {
            refuse_prerelease(&self.version, &to.channel)?;
        }
        let rollout = to.planned_rollout()?.started(now);
        Ok(Self {
            release_id: id,
            channel: to.channel,
            rollout,
            halting: Halting::new(to.halt_on.apply(self.halting.halt_on)),
            created_at: now,
            created_by: by.to_owned(),
            published_at: Some(now),
            published_by: None,
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

    /// Checks that clients get the release; `rule` says why that is asked.
    fn require_live(&self, rule: &str) -> Result<()> {
        match self.status {
            ReleaseStatus::Published => Ok(()),
            ReleaseStatus::Draft => Err(self.stale(&format!("is a draft; {rule}"))),
            ReleaseStatus::Revoked => Err(self.withdrawn(rule)),
        }
    }

    pub(super) fn stale(&self, why: &str) -> Error {
        Error::new(Code::StaleState, format!("{} {why}", self.release_id))
            .with(json!({ "status": self.status }))
    }

    /// What is told whoever wants a revoked release to be offered; `advice` says what can be done.
    pub(super) fn withdrawn(&self, advice: &str) -> Error {
        let message = format!("{} {}; {advice}", self.release_id, self.revoked_when_and_why());
        let details = self.with_revocation(json!({ "status": self.status }));
        Error::new(Code::StaleState, message).with(details)
    }

    /// In words, when, by whom and why it was revoked.
    fn revoked_when_and_why(&self) -> String {
        self.revocation.as_ref().map_or_else(
            || "was revoked".to_owned(),
            |Revocation { revoked_at, revoked_by, reason }| {
                format!("was revoked at {revoked_at} by {revoked_by} ({reason})")
            },
        )
    }

    /// `details`, with the revocation if there is one.
    fn with_revocation(&self, mut details: Value) -> Value {
        if let (Some(members), Value::Object(revocation)) =
            (details.as_object_mut(), json!(self.revocation))
        {
            members.extend(revocation);
        }
        details
    }

    /// The conflict between `self`, the requested release, and `existing`, which has the same
    /// version and channel; `None` if they agree and the request is a repetition. The rollout is
    /// not compared, because it may change after publication.
    ///
    /// Several jobs that draft a version meet in one draft: a requested draft agrees with a draft,
    /// or with what was published of it since, that has its artifacts and more, and without
    /// metadata with any metadata, without an upgrade path with any upgrade path.
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
        let (asked, stands) = (&self.upgrade_path, &existing.upgrade_path);
        if !(is_draft && asked.is_unrestricted()) {
            compare("required", json!(asked.required), json!(stands.required));
            let minimum = |path: &UpgradePath| json!(path.min_current_version);
            compare("min_current_version", minimum(asked), minimum(stands));
        }
        let is_as_large = is_draft || self.artifacts.len() == existing.artifacts.len();
        if !(is_as_large && existing.includes_artifacts(&self.artifacts)) {
            compare("artifacts", self.sorted_artifacts(), existing.sorted_artifacts());
        }
        if differences.is_empty() {
            return None;
        }
        let details = json!({ "release_id": existing.release_id, "differences": differences });
        let error = Error::new(Code::ReleaseExists, existing.taken_because()).at("version");
        Some(error.with(existing.with_revocation(details)))
    }

    /// In words, why its version can't be had by another release, and what can be done.
    fn taken_because(&self) -> String {
        let Self { version, product_id, channel, release_id, .. } = self;
        let place = format!("version {version} of {product_id} on `{channel}`");
        if self.status == ReleaseStatus::Revoked {
            let revoked = self.revoked_when_and_why();
            return format!(
                "{place}, {release_id}, {revoked}; a revoked version stays revoked: publish what mends it as another version"
            );
        }
        format!(
            "{place} exists as {release_id} with other content; details has the differences (release-update corrects metadata)"
        )
    }

    fn sorted_artifacts(&self) -> Value {
        let mut artifacts: Vec<_> = self.artifacts.iter().collect();
        artifacts.sort_by_key(|a| (a.platform, a.arch, a.installer_type));
        json!(artifacts)
    }
}
