//! Tenants.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::tenant::{Tenant, TenantPatch};
use slipway_domain::{Code, Error, Result, TenantId};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Protected;
use crate::schema::{self, EntityKind, Index};
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Writer};

impl Reader {
    /// The tenant that a request is about: `requested`, else the one that the principal is bound
    /// to. None stands for all tenants.
    ///
    /// # Errors
    /// `not_found` for a tenant that the principal may not know of; `forbidden` for a credential
    /// that is restricted to part of a tenant.
    pub fn requested_tenant(&self, requested: Option<TenantId>) -> Result<Option<TenantId>> {
        self.principal.tenant_of(requested)
    }

    /// The tenant with this id, if the principal may know of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_tenant(&self, id: &TenantId) -> Result<Stored<Tenant>> {
        self.find(&schema::tenant(id)).await?.ok_or_else(|| Error::not_found("tenant", id))
    }

    /// A page of the tenants that the principal may know of, newest first.
    pub async fn list_tenants(
        &self,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Tenant, StartKey>> {
        let listing = KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Tenant));
        self.list(&[listing], limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores a new tenant.
    ///
    /// # Errors
    /// `tenant_exists` for an id that is taken.
    pub async fn create_tenant(&self, tenant: &Tenant, audit: &AuditContext) -> Result<()> {
        self.authorize_change(tenant.resource())?;
        let id = &tenant.tenant_id;
        self.table
            .transact(|mut tx| async move {
                let message = format!("another tenant has the id {id}");
                let taken = Error::new(Code::TenantExists, message).at("tenant_id");
                tx.create(row(tenant)?)?.or(taken);
                audit.record(&mut tx, EventType::TenantCreated, audited::created(tenant)?)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Changes a tenant. What changes nothing is not written. `check` judges the tenant as it
    /// stands before the change.
    ///
    /// # Errors
    /// `not_found`, or what `check` refuses.
    pub async fn update_tenant(
        &self,
        id: &TenantId,
        patch: &TenantPatch,
        check: impl Fn(&Tenant) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<Tenant> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.get_tenant(id).await?)?;
                check(&value)?;
                let Some(tenant) = value.patched(audit.now, patch.clone())? else {
                    return Ok(tx.returning(value));
                };
                tx.replace(row(&tenant)?, rev)?;
                let subject = audited::updated(&value, &tenant)?;
                audit.record(&mut tx, EventType::TenantUpdated, subject)?;
                Ok(tx.returning(tenant))
            })
            .await
    }
}

fn row(tenant: &Tenant) -> Result<Row> {
    let id = &tenant.tenant_id;
    Ok(Row::new(schema::tenant(id), tenant)?.indexed(schema::by_kind(
        EntityKind::Tenant,
        tenant.created_at,
        id.as_str(),
    )))
}
