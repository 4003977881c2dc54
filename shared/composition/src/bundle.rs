//! Release bundles: components that are released together, each pinned by its digest.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::{Channel, Version};

use crate::id::ComponentId;
use crate::image::{ImageDigest, ImageRepository, ImageTag};
use crate::image_registry::ImageRegistry;
use crate::name::ShortName;

/// How many components a bundle may have: each is a row of the transaction that makes it, of which
/// DynamoDB takes a hundred.
pub const MAX_COMPONENTS_OF_A_BUNDLE: usize = 90;

/// A component as a release has it. Nothing of it ever changes: neither what becomes of the
/// component nor what its registry does with the tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BundleComponent {
    /// Id of the component.
    pub component_id: ComponentId,
    /// Name of the component when the release was made.
    pub component_name: ShortName,
    /// Repository of the component when the release was made.
    #[serde(rename = "imageRepository")]
    pub repository: ImageRepository,
    /// The registry that has the repository, as references to images write it; absent until the
    /// release is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<ImageRegistry>,
    /// The version that the digest had then; null, where it had none.
    pub version: Option<Version>,
    /// The tag that stood for the digest then.
    pub tag: ImageTag,
    /// The channel that the version was on; null, where it was on none.
    pub channel: Option<Channel>,
    /// Digest of the image's manifest.
    pub digest: ImageDigest,
}

/// Where a release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BundleStatus {
    /// It is put together; its components may still be changed.
    Draft,
    /// It may be promoted.
    Ready,
    /// It is on its way to an environment, or to several.
    Promoting,
    /// It has arrived in an environment, and is on its way to none. It stays so when another one
    /// takes its place there.
    Deployed,
    /// It is not promoted any more.
    Deprecated,
}

/// What happens to a release bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BundleEvent {
    /// Whoever has put it together says that it is done.
    MarkedReady,
    /// A promotion to an environment begins, maybe beside others.
    PromotionStarted,
    /// A promotion has ended, well or not; all that there were leave the bundle there.
    PromotionEnded(BundleStatus),
    /// It is withdrawn from promotion.
    Deprecated,
}

/// A step that the status does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAllowed {
    /// Where the bundle stands.
    pub status: BundleStatus,
    /// Where it would have to stand, in words.
    pub needed: &'static str,
}

impl BundleStatus {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Draft, Self::Ready, Self::Promoting, Self::Deployed, Self::Deprecated];

    /// Where the bundle stands after `event`. A bundle that is deprecated while a promotion is on
    /// its way stays so, however that ends; deprecating it once more changes nothing.
    ///
    /// # Errors
    /// [`NotAllowed`].
    pub fn after(self, event: BundleEvent) -> Result<Self, NotAllowed> {
        let not_allowed = |needed| Err(NotAllowed { status: self, needed });
        match (event, self) {
            (BundleEvent::MarkedReady, Self::Draft | Self::Ready) => Ok(Self::Ready),
            (BundleEvent::MarkedReady, _) => not_allowed("a draft"),
            (BundleEvent::PromotionStarted, Self::Ready | Self::Promoting | Self::Deployed) => {
                Ok(Self::Promoting)
            }
            (BundleEvent::PromotionStarted, _) => not_allowed("ready or deployed"),
            (BundleEvent::PromotionEnded(rest), Self::Promoting) => Ok(rest),
            (BundleEvent::Deprecated, _) | (BundleEvent::PromotionEnded(_), Self::Deprecated) => {
                Ok(Self::Deprecated)
            }
            (BundleEvent::PromotionEnded(_), _) => not_allowed("promoting"),
        }
    }

    /// As `/api/v1` writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Ready => "ready",
            Self::Promoting => "promoting",
            Self::Deployed => "deployed",
            Self::Deprecated => "deprecated",
        }
    }
}

impl fmt::Display for BundleStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use BundleStatus::{Deployed, Deprecated, Draft, Promoting, Ready};

    const ALL: [BundleStatus; 5] = BundleStatus::ALL;

    /// From where `event` leads where.
    fn steps(event: BundleEvent) -> Vec<(BundleStatus, BundleStatus)> {
        ALL.into_iter().filter_map(|from| Some((from, from.after(event).ok()?))).collect()
    }

    #[test]
    fn a_bundle_goes_from_draft_by_ready_and_promoting_to_deployed() {
        assert_eq!(steps(BundleEvent::MarkedReady), [(Draft, Ready), (Ready, Ready)]);
        let started = [(Ready, Promoting), (Promoting, Promoting), (Deployed, Promoting)];
        assert_eq!(steps(BundleEvent::PromotionStarted), started);
    }

    #[test]
    fn a_promotion_that_ends_leaves_the_bundle_where_all_of_them_do() {
        for rest in [Ready, Promoting, Deployed] {
            let ended = [(Promoting, rest), (Deprecated, Deprecated)];
            assert_eq!(steps(BundleEvent::PromotionEnded(rest)), ended);
        }
    }

    #[test]
    fn a_bundle_is_deprecated_from_anywhere_and_for_good() {
        assert_eq!(steps(BundleEvent::Deprecated), ALL.map(|from| (from, Deprecated)));
        let refused = Deprecated.after(BundleEvent::PromotionStarted).unwrap_err();
        assert_eq!(refused, NotAllowed { status: Deprecated, needed: "ready or deployed" });
    }
}
