//! The row of an environment.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_composition::Environment;
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::StoredText;

impl StoredEntity for Environment {
    type Row<'a> = EnvironmentRow<'a>;

    fn to_row(&self) -> EnvironmentRow<'_> {
        EnvironmentRow {
            id: self.id.to_text(),
            name: self.name.to_text(),
            display_name: self.display_name.to_text(),
            order_index: self.order_index,
            is_production: self.is_production,
            required_approvals: self.required_approvals,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }

    fn from_row(row: EnvironmentRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// An environment.
#[derive(Serialize, Deserialize)]
pub(crate) struct EnvironmentRow<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    display_name: Cow<'a, str>,
    order_index: u32,
    is_production: bool,
    required_approvals: u32,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<EnvironmentRow<'_>> for Environment {
    type Error = Error;

    fn try_from(row: EnvironmentRow<'_>) -> Result<Self> {
        Ok(Self {
            id: StoredText::from_text(row.id)?,
            name: StoredText::from_text(row.name)?,
            display_name: StoredText::from_text(row.display_name)?,
            order_index: row.order_index,
            is_production: row.is_production,
            required_approvals: row.required_approvals,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
