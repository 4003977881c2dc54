//! Prereleases on `stable`: most are there because somebody forgot to name the channel.

use crate::product::Product;
use crate::{Channel, Code, Error, Result, Version};

impl Version {
    /// Whether it is a prerelease (`SemVer` 2.0.0, section 9), such as `1.0.0-rc.1`.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        !self.as_semver().pre.is_empty()
    }
}

impl Product {
    /// Whether prereleases are published on `channel` without being asked for: on every channel but
    /// `stable`, and there if the product says so.
    #[must_use]
    pub fn allows_prereleases_on(&self, channel: &Channel) -> bool {
        *channel != Channel::default() || self.allow_prerelease_on.contains(channel)
    }
}

/// Checks that `version` is none that most likely does not belong on `channel`.
///
/// # Errors
/// `prerelease_not_allowed` for a prerelease on `stable`.
pub(super) fn refuse_prerelease(version: &Version, channel: &Channel) -> Result<()> {
    if !version.is_prerelease() || *channel != Channel::default() {
        return Ok(());
    }
    let message = format!(
        "{version} is a prerelease, and `{channel}` is for releases: name another channel, or say `allow_prerelease: true`, or add `{channel}` to the product's `allow_prerelease_on`"
    );
    Err(Error::new(Code::PrereleaseNotAllowed, message).at("version"))
}
