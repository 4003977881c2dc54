//! Whether what a release bundle pins can still be pulled: registries purge.

use schemars::JsonSchema;
use serde::Serialize;

use crate::bundle::{BundleComponent, BundleStatus};
use crate::id::ComponentId;
use crate::image::ImageDigest;
use crate::name::ShortName;
use crate::release_bundle::ReleaseBundle;

/// Whether what a release pins can be pulled, as far as registries have told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BundleHealth {
    /// Not all of its images were found yet, and none is known to be gone.
    #[default]
    Unknown,
    /// All of its images were there when they were last looked for.
    Ok,
    /// An image of it is gone, or that of a platform.
    Broken,
}

/// A component whose image can't be pulled any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BrokenComponent {
    /// Id of the component.
    pub component_id: ComponentId,
    /// Name of the component in the release.
    pub component_name: ShortName,
    /// The digest that the release pins.
    pub digest: ImageDigest,
    /// Digest of the manifest that the registry has no more: the same, or that of the image of a
    /// platform.
    pub missing_digest: ImageDigest,
    /// The platform whose image is gone, as in `linux/arm64`; null for the whole image.
    pub platform: Option<ImagePlatform>,
}

slipway_domain::text::string_newtype! {
    /// A platform as an index of images names it: operating system, architecture and variant, as in
    /// `linux/arm64/v8`.
    ImagePlatform, what = "a platform",
    rule = "1 to 100 characters of ASCII without blanks, as in `linux/arm64`",
    pattern = "^[!-~]{1,100}$",
    check = |text| (1..=100).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// What a registry tells of an image that is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageCheck {
    /// It is there, and so are the images of all platforms.
    Whole,
    /// A manifest of it is gone.
    Missing {
        /// Its digest.
        digest: ImageDigest,
        /// Its platform, if it is one of an index.
        platform: Option<ImagePlatform>,
    },
    /// The registry has not told.
    Undetermined,
}

impl ReleaseBundle {
    /// The bundle after `check` of its components; none, where that tells nothing new. What a
    /// registry has not told stays as it was. One that is deprecated is not judged any more.
    #[must_use]
    pub fn checked(&self, check: impl Fn(&BundleComponent) -> ImageCheck) -> Option<Self> {
        if self.status == BundleStatus::Deprecated {
            return None;
        }
        let (mut broken, mut all_told) = (Vec::new(), true);
        for component in &self.components {
            match check(component) {
                ImageCheck::Whole => {}
                ImageCheck::Missing { digest, platform } => {
                    broken.push(component.broken(digest, platform));
                }
                ImageCheck::Undetermined => match self.known_to_be_broken(component) {
                    Some(known) => broken.push(known.clone()),
                    None => all_told &= self.health == BundleHealth::Ok,
                },
            }
        }
        let health = match (broken.is_empty(), all_told) {
            (false, _) => BundleHealth::Broken,
            (true, true) => BundleHealth::Ok,
            (true, false) => BundleHealth::Unknown,
        };
        let new = Self { health, broken_components: broken, ..self.clone() };
        (new != *self).then_some(new)
    }

    fn known_to_be_broken(&self, component: &BundleComponent) -> Option<&BrokenComponent> {
        self.broken_components.iter().find(|broken| broken.component_id == component.component_id)
    }
}

impl BundleComponent {
    fn broken(&self, missing: ImageDigest, platform: Option<ImagePlatform>) -> BrokenComponent {
        BrokenComponent {
            component_id: self.component_id.clone(),
            component_name: self.component_name.clone(),
            digest: self.digest.clone(),
            missing_digest: missing,
            platform,
        }
    }
}
