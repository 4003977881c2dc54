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
            created_by: self.created_by.as_deref().map(Cow::Borrowed),
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_by: Option<Cow<'a, str>>,
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
        let row = r#"{"id":"0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e0f","name":"prod","display_name":"Prod",
            "order_index":1,"is_production":true,"required_approvals":0,
            "created_at":"2026-01-15T12:00:00Z","updated_at":"2026-01-15T12:00:00Z"}"#;
        let environment: Environment = read(FIRST_FORM, row).unwrap();
        assert_eq!(environment.created_by, None);
        assert!(!write(&environment).unwrap().contains("created_by"));
    }
}
