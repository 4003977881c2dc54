//! The row of an integration.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_composition::{Integration, IntegrationAuth};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::{StoredText, from_optional, optional};

impl StoredEntity for Integration {
    type Row<'a> = IntegrationRow<'a>;

    fn to_row(&self) -> IntegrationRow<'_> {
        IntegrationRow {
            id: self.id.to_text(),
            name: self.name.to_text(),
            r#type: self.r#type.to_text(),
            endpoint: self.endpoint.to_text(),
            auth_mode: self.auth.mode.to_text(),
            secret_ref: optional(self.auth.secret_ref.as_ref()),
            webhook_secret_ref: optional(self.webhook_secret_ref.as_ref()),
            created_at: self.created_at,
            updated_at: self.updated_at,
            created_by: Cow::Borrowed(&self.created_by),
        }
    }

    fn from_row(row: IntegrationRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// An integration. Of its secrets it has where they are kept, and nothing else.
#[derive(Serialize, Deserialize)]
pub(crate) struct IntegrationRow<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    r#type: Cow<'a, str>,
    endpoint: Cow<'a, str>,
    auth_mode: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_ref: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    webhook_secret_ref: Option<Cow<'a, str>>,
    created_at: Timestamp,
    updated_at: Timestamp,
    created_by: Cow<'a, str>,
}

impl TryFrom<IntegrationRow<'_>> for Integration {
    type Error = Error;

    fn try_from(row: IntegrationRow<'_>) -> Result<Self> {
        Ok(Self {
            id: StoredText::from_text(row.id)?,
            name: StoredText::from_text(row.name)?,
            r#type: StoredText::from_text(row.r#type)?,
            endpoint: StoredText::from_text(row.endpoint)?,
            auth: IntegrationAuth {
                mode: StoredText::from_text(row.auth_mode)?,
                secret_ref: from_optional(row.secret_ref)?,
            },
            webhook_secret_ref: from_optional(row.webhook_secret_ref)?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            created_by: row.created_by.into_owned(),
        })
    }
}
