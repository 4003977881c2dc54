//! `/v1/tenants`

mod create;
mod get;
mod list;
mod update;

/// What every tenant has.
pub const MEMBERS: &[&str] =
    &["tenant_id", "name", "products", "suspended", "created_at", "updated_at"];
