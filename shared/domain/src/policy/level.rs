//! Where a policy applies, and the policy that is kept there.

use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::Policy;
use crate::page::Listed;
use crate::{ProductId, TenantId};

/// What a policy applies to. `P` is how the product is named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct PolicyLevel<P = ProductId> {
    /// Tenant to whose clients the policy applies; null for a policy that applies to everybody's.
    pub tenant_id: Option<TenantId>,
    /// Product that the policy applies to; null for a policy that applies to every product.
    pub product_id: Option<P>,
}

impl PolicyLevel {
    /// The levels whose policies apply to `product`, if there is one, on the clients of `tenant`, if
    /// they have one: each goes before those after it.
    #[must_use]
    pub fn by_precedence(product: Option<&ProductId>, tenant: Option<&TenantId>) -> Vec<Self> {
        let all = [(true, true), (false, true), (true, false), (false, false)];
        let exists = |(of_tenant, of_product): &(bool, bool)| {
            (tenant.is_some() || !of_tenant) && (product.is_some() || !of_product)
        };
        let levels = all.into_iter().filter(exists).map(|(of_tenant, of_product)| Self {
            tenant_id: tenant.filter(|_| of_tenant).cloned(),
            product_id: product.filter(|_| of_product).cloned(),
        });
        levels.collect()
    }
}

impl fmt::Display for PolicyLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.tenant_id, &self.product_id) {
            (None, None) => f.write_str("the deployment"),
            (None, Some(product)) => product.fmt(f),
            (Some(tenant), None) => tenant.fmt(f),
            (Some(tenant), Some(product)) => write!(f, "{product} at {tenant}"),
        }
    }
}

impl PolicyLevel {
    /// The subject of audit events about the policy.
    #[must_use]
    pub fn subject(&self) -> String {
        match (&self.tenant_id, &self.product_id) {
            (None, None) => "policy".to_owned(),
            (None, Some(product)) => product.to_string(),
            (Some(tenant), None) => tenant.to_string(),
            (Some(tenant), Some(product)) => format!("{tenant}/{product}"),
        }
    }
}

/// The policy of one level, and who has set it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LevelPolicy {
    /// What it applies to.
    #[serde(flatten)]
    pub level: PolicyLevel,
    /// What it says.
    #[serde(flatten)]
    pub policy: Policy,
    /// Time of the last change, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub updated_at: Timestamp,
    /// Who made it: a token id, `bootstrap`, or `oidc:` and an operator's `sub`.
    pub updated_by: String,
}

impl Listed for LevelPolicy {
    const MEMBER: &'static str = "policies";
}
