//! The row of a component.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_composition::Component;
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::StoredText;

impl StoredEntity for Component {
    type Row<'a> = ComponentRow<'a>;

    fn to_row(&self) -> ComponentRow<'_> {
        ComponentRow {
            id: self.id.to_text(),
            name: self.name.to_text(),
            display_name: self.display_name.to_text(),
            image_repository: self.image_repository.to_text(),
            registry_integration_id: self.registry_integration_id.to_text(),
            versioning_strategy: self.versioning_strategy.to_text(),
            default_channel: self.default_channel.to_text(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            created_by: self.created_by.as_deref().map(Cow::Borrowed),
        }
    }

    fn from_row(row: ComponentRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A component.
#[derive(Serialize, Deserialize)]
pub(crate) struct ComponentRow<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    display_name: Cow<'a, str>,
    image_repository: Cow<'a, str>,
    registry_integration_id: Cow<'a, str>,
    versioning_strategy: Cow<'a, str>,
    default_channel: Cow<'a, str>,
    created_at: Timestamp,
    updated_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_by: Option<Cow<'a, str>>,
}

impl TryFrom<ComponentRow<'_>> for Component {
    type Error = Error;

    fn try_from(row: ComponentRow<'_>) -> Result<Self> {
        Ok(Self {
            id: StoredText::from_text(row.id)?,
            name: StoredText::from_text(row.name)?,
            display_name: StoredText::from_text(row.display_name)?,
            image_repository: StoredText::from_text(row.image_repository)?,
            registry_integration_id: StoredText::from_text(row.registry_integration_id)?,
            versioning_strategy: StoredText::from_text(row.versioning_strategy)?,
            default_channel: StoredText::from_text(row.default_channel)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            created_by: row.created_by.map(Cow::into_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::{FIRST_FORM, read, write};

    #[test]
    fn whoever_created_it_may_be_unknown() {
        let row = r#"{"id":"0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e0f","name":"api","display_name":"API",
            "image_repository":"myorg/api","versioning_strategy":"semver",
            "registry_integration_id":"0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e0f",
            "default_channel":"stable",
            "created_at":"2026-01-15T12:00:00Z","updated_at":"2026-01-15T12:00:00Z"}"#;
        let component: Component = read(FIRST_FORM, row).unwrap();
        assert_eq!(component.created_by, None);
        assert!(!write(&component).unwrap().contains("created_by"));
    }
}
