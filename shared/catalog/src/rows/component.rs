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
        })
    }
}
