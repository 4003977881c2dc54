//! Release bundles: container images that are pinned by digest, and releases that bundle them.
//!
//! A component is a repository in a registry. What one of its tags stands for is a [`VersionMap`].
//! A release bundle chooses one of each component by a [`Selection`], once; what it has then are
//! digests. `/api/v1` calls it a release, which in the rest of Slipway is something else.
//!
//! Pure: no AWS, no HTTP, no clock, no randomness.
//!
//! Reading order: `image`, `component`, `version_map`, `sync`, `registry_events`, `resolution`,
//! `bundle`, `new_bundle`, `release_bundle`, `bundle_health`, `bundle_manifest`, `comparison`,
//! `environment`, `promotion`, `promotion_votes`, `promotion_counts`, `deployment`, `integration`.

mod bundle;
mod bundle_health;
mod bundle_manifest;
mod bundle_metadata;
mod comparison;
mod component;
mod deployment;
mod environment;
mod id;
mod image;
mod image_registry;
mod integration;
mod manifest_yaml;
mod name;
mod new_bundle;
mod promotion;
mod promotion_counts;
mod promotion_votes;
mod registry_events;
mod release_bundle;
mod resolution;
mod secret_reference;
mod source_ref;
mod sync;
mod version_map;

pub use self::bundle::{
    BundleComponent, BundleEvent, BundleStatus, MAX_COMPONENTS_OF_A_BUNDLE, NotAllowed,
};
pub use self::bundle_health::{BrokenComponent, BundleHealth, ImageCheck, ImagePlatform};
pub use self::bundle_manifest::{BundleManifest, PinnedImage};
pub use self::bundle_metadata::BundleMetadata;
pub use self::comparison::Comparison;
pub use self::component::{
    Component, ComponentUpdate, MAX_COMPONENTS, NewComponent, VersioningStrategy,
};
pub use self::deployment::{
    BundleState, Deployment, DeploymentStatus, EnvironmentPromotion, EnvironmentState,
};
pub use self::environment::{Environment, EnvironmentUpdate, MAX_ENVIRONMENTS, NewEnvironment};
pub use self::id::{
    ComponentId, EnvironmentId, IntegrationId, PromotionId, ReleaseBundleId, VersionMapId,
};
pub use self::image::{ImageDigest, ImageRepository, ImageTag};
pub use self::image_registry::ImageRegistry;
pub use self::integration::{
    AuthMode, Endpoint, Integration, IntegrationAuth, IntegrationSettings, IntegrationType,
    MAX_INTEGRATIONS,
};
pub use self::name::{BundleName, ShortName};
pub use self::new_bundle::{
    ComponentSelection, NewBundleFromLatest, NewReleaseBundle, PinFrom, selections_of,
};
pub use self::promotion::{
    BundlePromotion, BundlePromotionStatus, BundlePromotionSummary, NewBundlePromotion,
    OpenPromotion, PromotionCompletion, PromotionResult, can_not_begin, not_promotable,
};
pub use self::promotion_counts::PromotionCounts;
pub use self::registry_events::{PushedTag, PushedTags, RegistryEvents};
pub use self::release_bundle::{
    BundleDescription, BundleSummary, ReleaseBundle, ReleaseBundleUpdate,
};
pub use self::resolution::{Selection, VersionOrTag, resolve};
pub use self::secret_reference::{AwsPlace, SecretLocation, SecretReference};
pub use self::source_ref::{CommitSha, SourceName, SourceRef};
pub use self::sync::{MAX_VERSION_MAPS, SyncPosition, SyncState, TagChoice};
pub use self::version_map::{NewVersionMap, VersionMap, channel_of, version_of};
