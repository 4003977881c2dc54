//! The manifest of a release bundle: what a deployer pulls, pinned by digest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::{Channel, Code, Error, Result, Version};

use crate::bundle::{BundleComponent, BundleStatus};
use crate::id::{ComponentId, ReleaseBundleId};
use crate::image::{ImageDigest, ImageRepository, ImageTag};
use crate::image_registry::ImageRegistry;
use crate::name::{BundleName, ShortName};
use crate::release_bundle::ReleaseBundle;

/// What a release deploys: one image for each component, pinned by its digest. It has nothing that
/// changes: it is the same for as long as the release is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BundleManifest {
    /// Id of the release.
    pub release_id: ReleaseBundleId,
    /// Name of the release.
    pub release_name: BundleName,
    /// The images, in the order of the components' names, and of their ids where names are alike.
    pub images: Vec<PinnedImage>,
}

/// The image of a component, as a deployer pulls it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PinnedImage {
    /// Name of the component when its image was selected.
    pub name: ShortName,
    /// Id of the component.
    pub component_id: ComponentId,
    /// Reference to the image: registry, repository and digest, as in
    /// `ghcr.io/myorg/api@sha256:...`.
    pub image: String,
    /// The registry, as it was when the release became ready.
    pub registry: ImageRegistry,
    /// The repository in the registry.
    pub repository: ImageRepository,
    /// Digest of the image's manifest.
    pub digest: ImageDigest,
    /// The tag that stood for the digest when it was selected.
    pub tag: ImageTag,
    /// The version that the digest had then; null, where it had none.
    pub version: Option<Version>,
    /// The channel that the version was on; null, where it was on none.
    pub channel: Option<Channel>,
}

impl BundleManifest {
    /// The manifest of `bundle`.
    ///
    /// # Errors
    /// `stale_state` for a draft, which may still change, and for one that was never anything else.
    pub fn of(bundle: &ReleaseBundle) -> Result<Self> {
        if bundle.status == BundleStatus::Draft {
            let message = "the release is a draft and may still change; set its status to `ready`";
            return Err(Error::new(Code::StaleState, message));
        }
        let images = bundle.components.iter().map(|component| {
            let message = "the release was deprecated before it was ready; it deploys nothing";
            PinnedImage::of(component).ok_or_else(|| Error::new(Code::StaleState, message))
        });
        let mut images = images.collect::<Result<Vec<_>>>()?;
        images.sort_by(|a, b| (&a.name, &a.component_id).cmp(&(&b.name, &b.component_id)));
        Ok(Self { release_id: bundle.id.clone(), release_name: bundle.name.clone(), images })
    }
}

impl PinnedImage {
    /// The image of `component`; none, as long as its registry is not fixed.
    fn of(component: &BundleComponent) -> Option<Self> {
        let BundleComponent { repository, digest, .. } = component;
        let registry = component.registry.clone()?;
        Some(Self {
            name: component.component_name.clone(),
            component_id: component.component_id.clone(),
            image: format!("{registry}/{repository}@{digest}"),
            registry,
            repository: repository.clone(),
            digest: digest.clone(),
            tag: component.tag.clone(),
            version: component.version.clone(),
            channel: component.channel.clone(),
        })
    }

    /// Registry and repository, as a reference to the image begins.
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }
}
