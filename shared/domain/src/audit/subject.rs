//! What an audit event is about.

use super::Change;
use crate::{ProductId, ReleaseId, TenantId};

/// What a change is recorded as: the id of what it is about, what that belongs to, and what became
/// of it.
///
/// A plain text is the id alone: such an event says neither what its subject belongs to nor what
/// changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditSubject {
    /// Id of the resource.
    pub id: String,
    /// Product that it is, or belongs to.
    pub product_id: Option<ProductId>,
    /// Release that it is, or belongs to.
    pub release_id: Option<ReleaseId>,
    /// Tenant that it is, or belongs to.
    pub tenant_id: Option<TenantId>,
    /// What changed.
    pub change: Change,
}

impl AuditSubject {
    /// The resource `id`.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// Of this product.
    #[must_use]
    pub fn of_product(self, id: &ProductId) -> Self {
        Self { product_id: Some(id.clone()), ..self }
    }

    /// Of this release.
    #[must_use]
    pub fn of_release(self, id: &ReleaseId) -> Self {
        Self { release_id: Some(id.clone()), ..self }
    }

    /// Of this tenant.
    #[must_use]
    pub fn of_tenant(self, id: &TenantId) -> Self {
        Self { tenant_id: Some(id.clone()), ..self }
    }

    /// With what changed.
    #[must_use]
    pub fn with(self, change: Change) -> Self {
        Self { change, ..self }
    }
}

impl From<&str> for AuditSubject {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<&String> for AuditSubject {
    fn from(id: &String) -> Self {
        Self::new(id)
    }
}
