//! The row of a tenant.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::tenant::{AllProducts, Entitlement, Tenant};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for Tenant {
    type Row<'a> = TenantRow<'a>;

    fn to_row(&self) -> TenantRow<'_> {
        self.into()
    }

    fn from_row(row: TenantRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A tenant.
#[derive(Serialize, Deserialize)]
pub(crate) struct TenantRow<'a> {
    tenant_id: Cow<'a, str>,
    name: Cow<'a, str>,
    products: EntitlementRow<'a>,
    suspended: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> From<&'a Tenant> for TenantRow<'a> {
    fn from(value: &'a Tenant) -> Self {
        Self {
            tenant_id: value.tenant_id.to_text(),
            name: value.name.to_text(),
            products: (&value.products).into(),
            suspended: value.suspended,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}

impl TryFrom<TenantRow<'_>> for Tenant {
    type Error = Error;

    fn try_from(row: TenantRow<'_>) -> Result<Self> {
        Ok(Self {
            tenant_id: StoredText::from_text(row.tenant_id)?,
            name: StoredText::from_text(row.name)?,
            products: row.products.try_into()?,
            suspended: row.suspended,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

/// The products that a tenant may have: `"*"`, or a list of ids.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum EntitlementRow<'a> {
    All(Cow<'a, str>),
    Only(Vec<Cow<'a, str>>),
}

impl<'a> From<&'a Entitlement> for EntitlementRow<'a> {
    fn from(value: &'a Entitlement) -> Self {
        match value {
            Entitlement::All(AllProducts::AllProducts) => Self::All("*".into()),
            Entitlement::Only(products) => Self::Only(text::list(products)),
        }
    }
}

impl TryFrom<EntitlementRow<'_>> for Entitlement {
    type Error = Error;

    fn try_from(row: EntitlementRow<'_>) -> Result<Self> {
        match row {
            EntitlementRow::All(all) if all == "*" => Ok(Self::All(AllProducts::AllProducts)),
            EntitlementRow::All(other) => {
                Err(Error::internal(format!("a tenant's row has the products `{other}`")))
            }
            EntitlementRow::Only(products) => text::from_set(products).map(Self::Only),
        }
    }
}
