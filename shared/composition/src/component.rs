//! Components: repositories of container images that are released together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::text::Name;
use slipway_domain::{Channel, Result, Timestamp};

use crate::id::{ComponentId, IntegrationId};
use crate::image::ImageRepository;
use crate::name::ShortName;

/// How many components there may be.
pub const MAX_COMPONENTS: usize = 1000;

/// How the tags of a component tell versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VersioningStrategy {
    /// A tag that is SemVer 2.0.0, with or without a leading `v`, is that version; other tags are
    /// none.
    #[default]
    Semver,
}

/// A component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Component {
    /// Id of the component.
    pub id: ComponentId,
    /// Short name, unique among components.
    pub name: ShortName,
    /// Display name.
    pub display_name: Name,
    /// Repository of its images in the registry.
    pub image_repository: ImageRepository,
    /// Id of the integration of type `registry.oci` that has the repository.
    pub registry_integration_id: IntegrationId,
    /// How its tags tell versions.
    pub versioning_strategy: VersioningStrategy,
    /// Channel of versions that are no prereleases.
    pub default_channel: Channel,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Time of the last change, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub updated_at: Timestamp,
    /// Actor that created it, as the audit log names it; null where that is not known any more.
    pub created_by: Option<String>,
}

/// Request body of component-create.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewComponent {
    /// Short name, unique among components.
    pub name: ShortName,
    /// Display name. Default: the name.
    pub display_name: Option<Name>,
    /// Repository of its images in the registry, without the registry's host.
    pub image_repository: ImageRepository,
    /// Id of the integration of type `registry.oci` that has the repository.
    pub registry_integration_id: IntegrationId,
    /// How its tags tell versions. Default: `semver`.
    pub versioning_strategy: Option<VersioningStrategy>,
    /// Channel of versions that are no prereleases. Default: `stable`.
    pub default_channel: Option<Channel>,
}

/// Request body of component-update. A member that is absent or null keeps its value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ComponentUpdate {
    /// New short name.
    pub name: Option<ShortName>,
    /// New display name.
    pub display_name: Option<Name>,
    /// New repository, as long as the component has no versions.
    pub image_repository: Option<ImageRepository>,
    /// New integration, as long as the component has no versions.
    pub registry_integration_id: Option<IntegrationId>,
    /// How its tags tell versions from now on.
    pub versioning_strategy: Option<VersioningStrategy>,
    /// Channel of versions that are found from now on.
    pub default_channel: Option<Channel>,
}

impl NewComponent {
    /// The component that `actor` creates at `now`.
    ///
    /// # Errors
    /// `internal` for a short name that is no display name, of which there is none.
    pub fn create(self, now: Timestamp, id: ComponentId, actor: &str) -> Result<Component> {
        let display_name = self.name.display_name(self.display_name)?;
        Ok(Component {
            id,
            name: self.name,
            display_name,
            image_repository: self.image_repository,
            registry_integration_id: self.registry_integration_id,
            versioning_strategy: self.versioning_strategy.unwrap_or_default(),
            default_channel: self.default_channel.unwrap_or_default(),
            created_at: now,
            updated_at: now,
            created_by: Some(actor.to_owned()),
        })
    }
}

impl Component {
    /// The component with `update` applied at `now`; none, where that changes nothing.
    #[must_use]
    pub fn updated(&self, now: Timestamp, update: ComponentUpdate) -> Option<Self> {
        let old = self.clone();
        let new = Self {
            name: update.name.unwrap_or(old.name),
            display_name: update.display_name.unwrap_or(old.display_name),
            image_repository: update.image_repository.unwrap_or(old.image_repository),
            registry_integration_id: update
                .registry_integration_id
                .unwrap_or(old.registry_integration_id),
            versioning_strategy: update.versioning_strategy.unwrap_or(old.versioning_strategy),
            default_channel: update.default_channel.unwrap_or(old.default_channel),
            ..old
        };
        (new != *self).then_some(Self { updated_at: now, ..new })
    }

    /// Where its images are: integration and repository. Version maps say what tags stand for
    /// there, and mean nothing elsewhere.
    #[must_use]
    pub fn source(&self) -> (&IntegrationId, &ImageRepository) {
        (&self.registry_integration_id, &self.image_repository)
    }
}
