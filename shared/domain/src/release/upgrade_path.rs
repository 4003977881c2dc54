//! How clients come to a release: which ones they may not skip, and which they have to have first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Error, Result, Version};

/// How clients come to a release from the versions below it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UpgradePath {
    /// Whether it is a stepping stone: clients below it are offered it before anything newer.
    pub required: bool,
    /// The lowest version that a client must have installed to be offered the release; null for
    /// any.
    pub min_current_version: Option<Version>,
}

impl UpgradePath {
    /// Whether it says nothing: any client may skip the release, and come to it from any version.
    #[must_use]
    pub fn is_unrestricted(&self) -> bool {
        *self == Self::default()
    }

    /// The path to a release of `version`. A minimum that every client has is none.
    ///
    /// # Errors
    /// `invalid_field` for a minimum that is not below the release itself: nobody could come to it.
    pub(super) fn to(self, version: &Version) -> Result<Self> {
        let Self { required, min_current_version } = self;
        if let Some(minimum) = min_current_version.as_ref().filter(|minimum| *minimum >= version) {
            let message = format!(
                "{minimum} is not below the release itself, {version}: nobody could be offered it"
            );
            return Err(Error::invalid("min_current_version", message));
        }
        Ok(Self {
            required,
            min_current_version: min_current_version.filter(|minimum| !minimum.is_lowest()),
        })
    }

    /// This path, but for what is given.
    pub(super) fn patched(&self, required: Option<bool>, minimum: Option<&Version>) -> Self {
        Self {
            required: required.unwrap_or(self.required),
            min_current_version: minimum.or(self.min_current_version.as_ref()).cloned(),
        }
    }

    /// Whether a client that has `current` installed may be offered the release.
    #[must_use]
    pub fn admits(&self, current: &Version) -> bool {
        self.min_current_version.as_ref().is_none_or(|minimum| minimum <= current)
    }
}

impl Version {
    /// Whether no version is lower: `0.0.0-0` (`SemVer` 2.0.0, section 11).
    fn is_lowest(&self) -> bool {
        let semver::Version { major, minor, patch, pre, .. } = self.as_semver();
        (*major, *minor, *patch, pre.as_str()) == (0, 0, 0, "0")
    }
}
