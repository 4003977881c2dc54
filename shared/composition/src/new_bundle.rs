//! What a release bundle is to be made of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::text::{Name, TextError};
use slipway_domain::{Channel, Error, Result};

use crate::bundle::MAX_COMPONENTS_OF_A_BUNDLE as MAX;
use crate::component::Component;
use crate::id::{ComponentId, EnvironmentId};
use crate::image::ImageDigest;
use crate::name::BundleName;
use crate::resolution::{Selection, VersionOrTag};
use crate::source_ref::SourceRef;

/// Request body of bundle-create.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewReleaseBundle {
    /// Name, unique among releases.
    pub name: BundleName,
    /// Display name. Default: the name.
    pub display_name: Option<Name>,
    /// The components, each once: 1 to 90.
    #[schemars(length(min = 1, max = 90))]
    pub components: Vec<ComponentSelection>,
    /// Where the sources are. Default: it is not said.
    pub source_ref: Option<SourceRef>,
}

/// A component, and which of its images: exactly one of `version`, `digest` and `channel`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "ComponentSelection")]
pub struct ComponentSelection {
    /// Id of the component.
    pub component_id: ComponentId,
    /// The image with this version, or else with this very tag.
    pub version: Option<String>,
    /// The image with this digest, which a version map of the component has.
    pub digest: Option<ImageDigest>,
    /// The image with the highest version on this channel.
    pub channel: Option<Channel>,
}

/// Request body of bundle-create-from-latest.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewBundleFromLatest {
    /// Name, unique among releases.
    pub name: BundleName,
    /// Display name. Default: the name.
    pub display_name: Option<Name>,
    /// The channel whose latest versions are taken. Default: the default channel of each component.
    pub channel: Option<Channel>,
    /// Ids of the components that are taken at their latest version: 1 to 90. Default: all there
    /// are.
    #[schemars(length(min = 1, max = 90))]
    pub component_ids: Option<Vec<ComponentId>>,
    /// Where the components that `componentIds` does not name are taken from. Default: they are
    /// left out.
    pub pin_from: Option<PinFrom>,
    /// Where the sources are. Default: it is not said.
    pub source_ref: Option<SourceRef>,
}

/// What other components are pinned to.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(rename = "PinFrom")]
pub struct PinFrom {
    /// Id of the environment: the digests of the release that is deployed there.
    pub environment_id: EnvironmentId,
}

impl ComponentSelection {
    fn selection(self, field: &str) -> Result<(ComponentId, Selection)> {
        let by_version = |text: String| {
            let selected = VersionOrTag::of(&text).map(Selection::Version);
            let rule = "a version, as in `2.3.1`, or a tag";
            let wrong = || TextError::new(&text, "a version of a component", rule).to_string();
            selected.ok_or_else(|| Error::invalid(format!("{field}.version"), wrong()))
        };
        let selection = match (self.version, self.digest, self.channel) {
            (Some(version), None, None) => by_version(version)?,
            (None, Some(digest), None) => Selection::Digest(digest),
            (None, None, Some(channel)) => Selection::Channel(channel),
            _ => {
                let message = "give exactly one of `version`, `digest` and `channel`";
                return Err(Error::invalid(field, message));
            }
        };
        Ok((self.component_id, selection))
    }
}

/// What `components` select, in their order.
///
/// # Errors
/// `invalid_field` for none or too many of them, for one that is there twice, and for one that is
/// not selected by exactly one member; it names the component's place.
pub fn selections_of(components: Vec<ComponentSelection>) -> Result<Vec<(ComponentId, Selection)>> {
    require_each_once("components", components.iter().map(|it| &it.component_id), ".componentId")?;
    let selected = components.into_iter().enumerate();
    selected.map(|(place, it)| it.selection(&format!("components[{place}]"))).collect()
}

impl NewBundleFromLatest {
    /// What is taken at its latest version of `components`, which are those that it names, or all.
    #[must_use]
    pub fn selections(&self, components: &[Component]) -> Vec<(ComponentId, Selection)> {
        let selection = |component: &Component| {
            let channel = self.channel.as_ref().unwrap_or(&component.default_channel);
            (component.id.clone(), Selection::Channel(channel.clone()))
        };
        components.iter().map(selection).collect()
    }

    /// Makes sure that the components that it names are each there once.
    ///
    /// # Errors
    /// `invalid_field` for none or too many of them, and for one that is there twice.
    pub fn require_component_ids(&self) -> Result<()> {
        let Some(ids) = &self.component_ids else { return Ok(()) };
        require_each_once("componentIds", ids.iter(), "")
    }
}

/// Makes sure that there is at least one of `ids`, no more than there may be, and none twice.
fn require_each_once<'a>(
    field: &str,
    ids: impl ExactSizeIterator<Item = &'a ComponentId>,
    member: &str,
) -> Result<()> {
    match ids.len() {
        0 => return Err(Error::invalid(field, format!("name 1 to {MAX} components"))),
        count if count > MAX => {
            let message = format!("{count} components; a release has at most {MAX}");
            return Err(Error::invalid(field, message));
        }
        _ => {}
    }
    let mut places = BTreeMap::new();
    for (place, id) in ids.enumerate() {
        if let Some(first) = places.insert(id, place) {
            let message = format!("{field}[{first}] is the same component; name each once");
            return Err(Error::invalid(format!("{field}[{place}]{member}"), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use slipway_domain::{GenerateId, Timestamp};

    use super::*;

    fn id(number: u8) -> ComponentId {
        ComponentId::generate(Timestamp::UNIX_EPOCH, [number; 10])
    }

    fn by(number: u8, version: Option<&str>, channel: Option<&str>) -> ComponentSelection {
        ComponentSelection {
            component_id: id(number),
            version: version.map(str::to_owned),
            digest: None,
            channel: channel.map(|channel| channel.parse().unwrap()),
        }
    }

    fn refused(components: Vec<ComponentSelection>) -> (String, String) {
        let error = selections_of(components).unwrap_err();
        (error.field().unwrap_or_default().to_owned(), error.message().to_owned())
    }

    #[test]
    fn a_component_is_selected_by_exactly_one_member() {
        let selected = selections_of(vec![by(0, Some("2.3.1"), None), by(1, None, Some("rc"))]);
        assert_eq!(selected.unwrap().len(), 2);
        for wrong in [by(1, None, None), by(1, Some("1.0.0"), Some("stable"))] {
            let (field, message) = refused(vec![by(0, Some("1.0.0"), None), wrong]);
            assert_eq!(field, "components[1]");
            assert!(message.contains("exactly one"), "{message}");
        }
        assert_eq!(refused(vec![by(0, Some("a b"), None)]).0, "components[0].version");
    }

    #[test]
    fn each_component_is_there_once_and_there_are_one_to_ninety() {
        assert_eq!(refused(Vec::new()).0, "components");
        let twice = vec![by(0, Some("1.0.0"), None), by(1, Some("1.0.0"), None), by(0, None, None)];
        let (field, message) = refused(twice);
        assert_eq!(field, "components[2].componentId");
        assert!(message.contains("components[0]"), "{message}");
        let many = |count| (0..count).map(|n| by(n, Some("1.0.0"), None)).collect::<Vec<_>>();
        assert!(selections_of(many(90)).is_ok());
        let (field, message) = refused(many(91));
        assert_eq!(field, "components");
        assert!(message.contains("91") && message.contains("90"), "{message}");
    }
}
