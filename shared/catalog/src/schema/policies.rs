//! Policies.

use slipway_domain::TenantId;
use slipway_domain::policy::PolicyLevel;

use super::{Key, product, tenant};

/// What the sort keys of policies begin with.
pub const POLICIES: &str = "POLICY";

/// The policy of a level. That of a product is in the product's partition, those of a tenant are in
/// the tenant's.
#[must_use]
pub fn policy(PolicyLevel { tenant_id, product_id }: &PolicyLevel) -> Key {
    match (tenant_id, product_id) {
        (None, None) => Key::new(POLICIES, POLICIES),
        (None, Some(id)) => Key { sk: POLICIES.to_owned(), ..product(id) },
        (Some(id), None) => Key { sk: POLICIES.to_owned(), ..tenant(id) },
        (Some(id), Some(product)) => Key { sk: format!("{POLICIES}#{product}"), ..tenant(id) },
    }
}

/// The partition of a tenant, with its policies and those for its products.
#[must_use]
pub fn tenant_policies(id: &TenantId) -> String {
    tenant(id).pk
}
