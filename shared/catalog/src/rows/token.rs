//! The row of a token.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::token::Token;
use slipway_domain::{Error, Result, Scope, Timestamp};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for Token {
    type Row<'a> = TokenRow<'a>;

    fn to_row(&self) -> TokenRow<'_> {
        self.into()
    }

    fn from_row(row: TokenRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A token.
#[derive(Serialize, Deserialize)]
pub(crate) struct TokenRow<'a> {
    token_id: Cow<'a, str>,
    name: Cow<'a, str>,
    /// Those that version 0.1.0 knows.
    scopes: Vec<Cow<'a, str>>,
    /// The others: version 0.1.0 passes over this member, and refuses what it needs none of them
    /// for as it does without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    additional_scopes: Vec<Cow<'a, str>>,
    tenant_id: Option<Cow<'a, str>>,
    product_ids: Option<Vec<Cow<'a, str>>>,
    channels: Option<Vec<Cow<'a, str>>>,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    created_by: Cow<'a, str>,
    revoked_at: Option<Timestamp>,
}

/// Whether version 0.1.0 does not know the scope.
fn is_later(scope: Scope) -> bool {
    scope.is_part_of_ci_write()
}

impl<'a> From<&'a Token> for TokenRow<'a> {
    fn from(value: &'a Token) -> Self {
        Self {
            token_id: value.token_id.to_text(),
            name: value.name.to_text(),
            scopes: text::list(value.scopes.iter().filter(|scope| !is_later(**scope))),
            additional_scopes: text::list(value.scopes.iter().filter(|scope| is_later(**scope))),
            tenant_id: text::optional(value.tenant_id.as_ref()),
            product_ids: value.product_ids.as_ref().map(text::list),
            channels: value.channels.as_ref().map(text::list),
            expires_at: value.expires_at,
            created_at: value.created_at,
            created_by: value.created_by.as_str().into(),
            revoked_at: value.revoked_at,
        }
    }
}

impl TryFrom<TokenRow<'_>> for Token {
    type Error = Error;

    fn try_from(mut row: TokenRow<'_>) -> Result<Self> {
        row.scopes.append(&mut row.additional_scopes);
        Ok(Self {
            token_id: StoredText::from_text(row.token_id)?,
            name: StoredText::from_text(row.name)?,
            scopes: text::from_set(row.scopes)?,
            tenant_id: text::from_optional(row.tenant_id)?,
            product_ids: row.product_ids.map(text::from_set).transpose()?,
            channels: row.channels.map(text::from_set).transpose()?,
            expires_at: row.expires_at,
            created_at: row.created_at,
            created_by: row.created_by.into_owned(),
            revoked_at: row.revoked_at,
        })
    }
}
