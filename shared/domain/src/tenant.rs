//! Tenants: the vendor's customers, and the products they are entitled to.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::de::{Deserializer, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Serialize};

use crate::json::sets;
use crate::page::Listed;
use crate::text::Name;
use crate::{Error, ProductId, Result, TenantId};

/// Limit of products in a tenant's entitlement.
pub const MAX_PRODUCTS: usize = 1000;

/// A tenant: a customer organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tenant {
    /// Id of the tenant.
    pub tenant_id: TenantId,
    /// Display name.
    pub name: Name,
    /// Products that the tenant is entitled to.
    pub products: Entitlement,
    /// Whether the tenant is suspended: its clients are offered nothing, and it gets no snapshots.
    pub suspended: bool,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Time of the last change, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub updated_at: Timestamp,
}

impl Listed for Tenant {
    const MEMBER: &'static str = "tenants";
}

/// The products that a tenant is entitled to: `"*"` for all, or a list of ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Entitlement {
    /// All products, including future ones.
    All(AllProducts),
    /// The listed products only; at most 1,000.
    Only(#[schemars(length(max = MAX_PRODUCTS))] BTreeSet<ProductId>),
}

/// The string `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AllProducts {
    /// All products.
    #[serde(rename = "*")]
    AllProducts,
}

/// As it is serialized. serde's own would say of a wrong id no more than that it is no entitlement.
impl<'de> Deserialize<'de> for Entitlement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntitlementVisitor)
    }
}

struct EntitlementVisitor;

impl<'de> Visitor<'de> for EntitlementVisitor {
    type Value = Entitlement;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"*\" for every product, or a list of product ids")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Entitlement, E> {
        match text {
            "*" => Ok(Entitlement::All(AllProducts::AllProducts)),
            other => Err(E::invalid_value(Unexpected::Str(other), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, ids: A) -> Result<Entitlement, A::Error> {
        sets::distinct_values(ids).map(Entitlement::Only)
    }
}

impl Entitlement {
    /// Whether the entitlement includes `product`.
    #[must_use]
    pub fn includes(&self, product: &ProductId) -> bool {
        match self {
            Self::All(_) => true,
            Self::Only(ids) => ids.contains(product),
        }
    }

    /// Checks that a list of ids fits into a row.
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

/// Request body of tenant-create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTenant {
    /// Id of the tenant. Default: generated.
    pub tenant_id: Option<TenantId>,
    /// Display name.
    pub name: Name,
    /// Products that the tenant is entitled to.
    pub products: Entitlement,
    /// Whether the tenant starts suspended. Default: false.
    #[serde(default)]
    pub suspended: bool,
}

impl NewTenant {
    /// The tenant as of `now`; `id` is used if the caller chose none.
    ///
    /// # Errors
    /// `invalid_field` for more products than an entitlement can list.
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

/// Request body of tenant-update. Fields that are left out stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantPatch {
    /// New display name.
    pub name: Option<Name>,
    /// New entitlement; it replaces the previous one.
    pub products: Option<Entitlement>,
    /// Suspends the tenant, or lifts its suspension.
    pub suspended: Option<bool>,
}

impl Tenant {
    /// The tenant with `patch` applied at `now`; `None` if that changes nothing.
    ///
    /// # Errors
    /// `invalid_field` for more products than an entitlement can list.
    pub fn patched(&self, now: Timestamp, patch: TenantPatch) -> Result<Option<Self>> {
        let before = self.clone();
        let products = patch.products.map_or(Ok(before.products), Entitlement::check)?;
        let patched = Self {
            name: patch.name.unwrap_or(before.name),
            products,
            suspended: patch.suspended.unwrap_or(before.suspended),
            ..self.clone()
        };
        Ok((patched != *self).then_some(Self { updated_at: now, ..patched }))
    }
}
