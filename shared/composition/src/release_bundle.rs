//! A release bundle as a whole, and its changes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::text::Name;
use slipway_domain::{Code, Error, Result, Timestamp};

use crate::bundle::{BundleComponent, BundleEvent, BundleStatus, NotAllowed};
use crate::bundle_health::{BrokenComponent, BundleHealth};
use crate::bundle_metadata::BundleMetadata;
use crate::id::ReleaseBundleId;
use crate::name::BundleName;
use crate::new_bundle::ComponentSelection;
use crate::promotion_counts::PromotionCounts;
use crate::source_ref::SourceRef;

/// A release: components that are released together, each pinned by its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReleaseBundle {
    /// Id of the release.
    pub id: ReleaseBundleId,
    /// Name, unique among releases.
    pub name: BundleName,
    /// Display name.
    pub display_name: Name,
    /// Where the release stands.
    pub status: BundleStatus,
    /// The components, in the order in which they were named. Their digests never change once the
    /// release is no draft.
    pub components: Vec<BundleComponent>,
    /// Whether its images can still be pulled. Registries are asked a few times a day, as long as
    /// the release is not deprecated.
    pub health: BundleHealth,
    /// The components whose images can't be pulled any more, in the order of `components`.
    pub broken_components: Vec<BrokenComponent>,
    /// Where the sources are; null, where it is not said.
    pub source_ref: Option<SourceRef>,
    /// Metadata.
    pub metadata: BundleMetadata,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: String,
    /// Time of the last change, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub updated_at: Timestamp,
}

/// A release in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BundleSummary {
    /// Id of the release.
    pub id: ReleaseBundleId,
    /// Name, unique among releases.
    pub name: BundleName,
    /// Where the release stands.
    pub status: BundleStatus,
    /// How many components it has.
    pub component_count: usize,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
}

/// Request body of bundle-update. A member that is absent or null keeps its value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ReleaseBundleUpdate {
    /// New display name.
    pub display_name: Option<Name>,
    /// New metadata, as a whole.
    pub metadata: Option<BundleMetadata>,
    /// `ready` for a draft that is complete, or what the status is already.
    pub status: Option<BundleStatus>,
    /// New components of a draft, as a whole: all are resolved anew.
    #[schemars(length(min = 1, max = 90))]
    pub components: Option<Vec<ComponentSelection>>,
}

/// What a release bundle is made of, but for its components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleDescription {
    /// Its name.
    pub name: BundleName,
    /// Its display name; none for its name.
    pub display_name: Option<Name>,
    /// Where its sources are.
    pub source_ref: Option<SourceRef>,
}

impl BundleDescription {
    /// The draft that `created_by` makes of `components` at `now`.
    ///
    /// # Errors
    /// `internal` for a name that is no display name, of which there is none.
    pub fn create(
        self,
        components: Vec<BundleComponent>,
        created_by: &str,
        (id, now): (ReleaseBundleId, Timestamp),
    ) -> Result<ReleaseBundle> {
        let display_name = match self.display_name {
            Some(name) => name,
            None => self.name.as_str().parse().map_err(Error::internal)?,
        };
        Ok(ReleaseBundle {
            id,
            name: self.name,
            display_name,
            status: BundleStatus::Draft,
            components,
            health: BundleHealth::default(),
            broken_components: Vec::new(),
            source_ref: self.source_ref,
            metadata: BundleMetadata::default(),
            created_at: now,
            created_by: created_by.to_owned(),
            updated_at: now,
        })
    }
}

impl ReleaseBundle {
    /// What lists show of it.
    #[must_use]
    pub fn summary(&self) -> BundleSummary {
        BundleSummary {
            id: self.id.clone(),
            name: self.name.clone(),
            status: self.status,
            component_count: self.components.len(),
            created_at: self.created_at,
        }
    }

    /// The bundle with `update` applied at `now`, whose components were resolved to `components`;
    /// none, where that changes nothing.
    ///
    /// # Errors
    /// `stale_state` for components of what is no draft, and for a status that it can't get this
    /// way.
    pub fn updated(
        &self,
        now: Timestamp,
        update: &ReleaseBundleUpdate,
        components: Option<&[BundleComponent]>,
    ) -> Result<Option<Self>> {
        let old = self.clone();
        if components.is_some() && self.status != BundleStatus::Draft {
            let message = format!(
                "the release is {}; the components of a draft can be changed, and those of no other",
                self.status
            );
            return Err(Error::new(Code::StaleState, message).at("components"));
        }
        let new = Self {
            display_name: update.display_name.clone().unwrap_or(old.display_name),
            metadata: update.metadata.clone().unwrap_or(old.metadata),
            status: self.status_to(update.status)?,
            components: components.map_or(old.components, <[_]>::to_vec),
            ..old
        };
        Ok(self.changed(new.with_health_of(self), now))
    }

    /// The bundle with the health that it had before, unless its components are others.
    fn with_health_of(self, before: &Self) -> Self {
        if self.components == before.components {
            return self;
        }
        let (health, broken_components) = (BundleHealth::default(), Vec::new());
        Self { health, broken_components, ..self }
    }

    /// The bundle, deprecated at `now`; none, where it is that already.
    #[must_use]
    pub fn deprecated(&self, now: Timestamp) -> Option<Self> {
        let status = BundleStatus::Deprecated;
        self.changed(Self { status, ..self.clone() }, now)
    }

    /// The bundle, which stands at `status` from `now` on, because of its promotions.
    #[must_use]
    pub fn at_status(&self, status: BundleStatus, now: Timestamp) -> Self {
        self.changed(Self { status, ..self.clone() }, now).unwrap_or_else(|| self.clone())
    }

    /// Makes sure that it may be deleted: it is a draft, or deprecated, and none of its
    /// `promotions` is open.
    ///
    /// # Errors
    /// `stale_state`.
    pub fn require_deletable(&self, promotions: PromotionCounts) -> Result<()> {
        let open = promotions.open();
        if open > 0 {
            let message = format!("{open} of the release's promotions are open; end them first");
            return Err(Error::new(Code::StaleState, message));
        }
        if matches!(self.status, BundleStatus::Draft | BundleStatus::Deprecated) {
            return Ok(());
        }
        let message = format!(
            "the release is {}; a draft can be deleted, or one that is deprecated",
            self.status
        );
        Err(Error::new(Code::StaleState, message))
    }

    fn status_to(&self, wanted: Option<BundleStatus>) -> Result<BundleStatus> {
        let refuse = |message: String| Err(Error::new(Code::StaleState, message).at("status"));
        match wanted {
            None => Ok(self.status),
            Some(wanted) if wanted == self.status => Ok(self.status),
            Some(BundleStatus::Ready) => match self.status.after(BundleEvent::MarkedReady) {
                Ok(status) => Ok(status),
                Err(NotAllowed { status, needed }) => refuse(format!(
                    "the release is {status}; it has to be {needed} to become ready"
                )),
            },
            Some(BundleStatus::Deprecated) => {
                refuse("POST to .../deprecate deprecates a release".to_owned())
            }
            Some(other) => refuse(format!(
                "the release is {}; a promotion makes it {other}, not an update",
                self.status
            )),
        }
    }

    fn changed(&self, new: Self, now: Timestamp) -> Option<Self> {
        (new != *self).then_some(Self { updated_at: now, ..new })
    }
}
