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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_that_0_1_0_does_not_know_are_kept_where_it_does_not_look() {
        let token = Token {
            token_id: "tok_0199c2f0a1b27c3d8e4f5a6b7c8d9e16".parse().unwrap(),
            name: "ci".parse().unwrap(),
            scopes: Scope::ALL.into(),
            tenant_id: None,
            product_ids: None,
            channels: None,
            expires_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            created_by: "bootstrap".to_owned(),
            revoked_at: None,
        };
        let doc = serde_json::to_value(token.to_row()).unwrap();
        let words = |scopes: &mut dyn Iterator<Item = Scope>| {
            scopes.map(Scope::as_str).collect::<serde_json::Value>()
        };
        let all = || Scope::ALL.into_iter();
        assert_eq!(doc["scopes"], words(&mut all().filter(|scope| !scope.is_part_of_ci_write())));
        assert_eq!(
            doc["additional_scopes"],
            words(&mut all().filter(|scope| scope.is_part_of_ci_write()))
        );
        let text = doc.to_string();
        assert_eq!(Token::from_row(serde_json::from_str(&text).unwrap()).unwrap(), token);
    }
}
