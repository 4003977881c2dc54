//! The row of a policy.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::policy::{LevelPolicy, Policy, PolicyLevel};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text;

impl StoredEntity for LevelPolicy {
    type Row<'a> = PolicyRow<'a>;

    fn to_row(&self) -> PolicyRow<'_> {
        self.into()
    }

    fn from_row(row: PolicyRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// The policy of one level.
#[derive(Serialize, Deserialize)]
pub(crate) struct PolicyRow<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mode: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned_range: Option<Cow<'a, str>>,
    blocked_versions: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_downgrade: Option<bool>,
    updated_at: Timestamp,
    updated_by: Cow<'a, str>,
}

impl<'a> From<&'a LevelPolicy> for PolicyRow<'a> {
    fn from(value: &'a LevelPolicy) -> Self {
        let LevelPolicy { level, policy, updated_at, updated_by } = value;
        Self {
            tenant_id: text::optional(level.tenant_id.as_ref()),
            product_id: text::optional(level.product_id.as_ref()),
            mode: text::optional(policy.mode.as_ref()),
            channel: text::optional(policy.channel.as_ref()),
            pinned_range: text::optional(policy.pinned_range.as_ref()),
            blocked_versions: text::list(&policy.blocked_versions),
            allow_downgrade: policy.allow_downgrade,
            updated_at: *updated_at,
            updated_by: updated_by.into(),
        }
    }
}

impl TryFrom<PolicyRow<'_>> for LevelPolicy {
    type Error = Error;

    fn try_from(row: PolicyRow<'_>) -> Result<Self> {
        Ok(Self {
            level: PolicyLevel {
                tenant_id: text::from_optional(row.tenant_id)?,
                product_id: text::from_optional(row.product_id)?,
            },
            policy: Policy {
                mode: text::from_optional(row.mode)?,
                channel: text::from_optional(row.channel)?,
                pinned_range: text::from_optional(row.pinned_range)?,
                blocked_versions: text::from_list(row.blocked_versions)?,
                allow_downgrade: row.allow_downgrade,
            },
            updated_at: row.updated_at,
            updated_by: row.updated_by.into_owned(),
        })
    }
}
