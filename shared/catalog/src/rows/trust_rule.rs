//! The row of a trust rule.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_domain::trust_rule::TrustRule;
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for TrustRule {
    type Row<'a> = TrustRuleRow<'a>;

    fn to_row(&self) -> TrustRuleRow<'_> {
        self.into()
    }

    fn from_row(row: TrustRuleRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A trust rule.
#[derive(Serialize, Deserialize)]
pub(crate) struct TrustRuleRow<'a> {
    trust_rule_id: Cow<'a, str>,
    name: Cow<'a, str>,
    issuer: Cow<'a, str>,
    audience: Cow<'a, str>,
    conditions: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    scopes: Vec<Cow<'a, str>>,
    tenant_id: Option<Cow<'a, str>>,
    product_ids: Option<Vec<Cow<'a, str>>>,
    channels: Option<Vec<Cow<'a, str>>>,
    lifetime_seconds: u32,
    expires_at: Option<Timestamp>,
    created_at: Timestamp,
    created_by: Cow<'a, str>,
}

impl<'a> From<&'a TrustRule> for TrustRuleRow<'a> {
    fn from(value: &'a TrustRule) -> Self {
        let conditions = value.conditions.iter();
        Self {
            trust_rule_id: value.trust_rule_id.to_text(),
            name: value.name.to_text(),
            issuer: value.issuer.to_text(),
            audience: value.audience.to_text(),
            conditions: conditions.map(|(name, text)| (name.to_text(), text.to_text())).collect(),
            scopes: text::list(&value.scopes),
            tenant_id: text::optional(value.tenant_id.as_ref()),
            product_ids: value.product_ids.as_ref().map(text::list),
            channels: value.channels.as_ref().map(text::list),
            lifetime_seconds: value.lifetime_seconds,
            expires_at: value.expires_at,
            created_at: value.created_at,
            created_by: value.created_by.as_str().into(),
        }
    }
}

impl TryFrom<TrustRuleRow<'_>> for TrustRule {
    type Error = Error;

    fn try_from(row: TrustRuleRow<'_>) -> Result<Self> {
        let condition =
            |(name, pattern)| Ok((StoredText::from_text(name)?, StoredText::from_text(pattern)?));
        Ok(Self {
            trust_rule_id: StoredText::from_text(row.trust_rule_id)?,
            name: StoredText::from_text(row.name)?,
            issuer: StoredText::from_text(row.issuer)?,
            audience: StoredText::from_text(row.audience)?,
            conditions: row.conditions.into_iter().map(condition).collect::<Result<_>>()?,
            scopes: text::from_set(row.scopes)?,
            tenant_id: text::from_optional(row.tenant_id)?,
            product_ids: row.product_ids.map(text::from_set).transpose()?,
            channels: row.channels.map(text::from_set).transpose()?,
            lifetime_seconds: row.lifetime_seconds,
            expires_at: row.expires_at,
            created_at: row.created_at,
            created_by: row.created_by.into_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use slipway_domain::Principal;
    use slipway_domain::trust_rule::NewTrustRule;

    use super::*;

    #[test]
    fn a_rule_is_read_as_it_was_written() {
        let new: NewTrustRule = serde_json::from_value(json!({
            "name": "ci", "issuer": "https://a.example", "audience": "slipway",
            "conditions": { "repository": "acme/app", "ref": "refs/tags/v*" },
            "scopes": ["releases:draft", "artifacts:write"], "product_ids": ["prod_app"],
            "channels": ["beta"], "lifetime_seconds": 600, "expires_at": "2027-01-01T00:00:00Z",
        }))
        .unwrap();
        let id = "trust_1".parse().unwrap();
        let rule = new.create(Timestamp::UNIX_EPOCH, id, &Principal::bootstrap()).unwrap();
        let row = serde_json::to_string(&rule.to_row()).unwrap();
        assert_eq!(TrustRule::from_row(serde_json::from_str(&row).unwrap()).unwrap(), rule);
    }
}
