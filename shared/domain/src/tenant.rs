//! Tenants: the customers who get some or all of the products.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Name;
use crate::{Error, ProductId, Result, TenantId};

/// The most products that a tenant's entitlement lists.
pub const MAX_PRODUCTS: usize = 1000;

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tenant {
    /// Its id.
    pub tenant_id: TenantId,
    /// Its name.
    pub name: Name,
    /// What it may have.
    pub products: Entitlement,
    /// A suspended tenant is told nothing about any product.
    pub suspended: bool,
    /// When it was created.
    #[schemars(with = "crate::page::Rfc3339")]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[schemars(with = "crate::page::Rfc3339")]
    pub updated_at: Timestamp,
}

/// The products that a tenant may have: `"*"` for all, or a list of ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected \"*\" for every product, or a list of product ids")]
pub enum Entitlement {
    /// Every product there is and will be.
    All(AllProducts),
    /// These and no others; at most 1,000.
    Only(#[schemars(length(max = MAX_PRODUCTS))] BTreeSet<ProductId>),
}

/// The text `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AllProducts {
    /// `*`
    #[serde(rename = "*")]
    AllProducts,
}

impl Entitlement {
    /// Whether it includes `product`.
    #[must_use]
    pub fn includes(&self, product: &ProductId) -> bool {
        match self {
            Self::All(_) => true,
            Self::Only(ids) => ids.contains(product),
        }
    }

    /// Makes sure that a list of ids is not too long for a row.
    fn check(self) -> Result<Self> {
        match &self {
            Self::Only(ids) if ids.len() > MAX_PRODUCTS => Err(Error::invalid(
                "products",
                format!("at most {MAX_PRODUCTS} products, not {}; `\"*\"` is for all", ids.len()),
            )),
            _ => Ok(self),
        }
    }
}

/// What tenant-create takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// Chosen by the caller, or made by Slipway.
    pub tenant_id: Option<TenantId>,
    /// Its name.
    pub name: Name,
    /// What it may have.
    pub products: Entitlement,
    /// Whether it starts suspended.
    #[serde(default)]
    pub suspended: bool,
}

impl NewTenant {
    /// The tenant as of `now`; `id` is used where the caller chose none.
    ///
    /// # Errors
    /// `invalid_field` for more products than a tenant can list.
    pub fn create(self, now: Timestamp, id: TenantId) -> Result<Tenant> {
        let Self { tenant_id, name, products, suspended } = self;
        let products = products.check()?;
        Ok(Tenant {
            tenant_id: tenant_id.unwrap_or(id),
            name,
            products,
            suspended,
            created_at: now,
            updated_at: now,
        })
    }
}

/// What tenant-update takes: the fields to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantPatch {
    /// A new name.
    pub name: Option<Name>,
    /// New entitlements, in place of the old ones.
    pub products: Option<Entitlement>,
    /// Suspends or restores the tenant.
    pub suspended: Option<bool>,
}

impl Tenant {
    /// The tenant with `patch` applied at `now`.
    ///
    /// # Errors
    /// `invalid_field` for more products than a tenant can list.
    pub fn patched(self, now: Timestamp, patch: TenantPatch) -> Result<Self> {
        Ok(Self {
            name: patch.name.unwrap_or(self.name),
            products: patch.products.map_or(Ok(self.products), Entitlement::check)?,
            suspended: patch.suspended.unwrap_or(self.suspended),
            updated_at: now,
            ..self
        })
    }
}
