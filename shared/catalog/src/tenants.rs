//! Tenants.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::tenant::{Tenant, TenantPatch};
use slipway_domain::{Code, Error, Result, TenantId};

use crate::audit::AuditContext;
use crate::retry::Retry;
use crate::row::{Row, Stored};
use crate::schema::{self, EntityKind, Index};
use crate::table::{KeyQuery, Reader, StartKey, Writer};
use crate::transaction::CommitOutcome;

impl Reader {
    /// The tenant with this id.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn tenant(&self, id: &TenantId) -> Result<Stored<Tenant>> {
        self.table.get(&schema::tenant(id)).await?.ok_or_else(|| Error::not_found("tenant", id))
    }

    /// A page of all tenants, newest first.
    pub async fn tenants(
        &self,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Tenant, StartKey>> {
        let listing = KeyQuery::of_index(Index::ByKind, schema::all(EntityKind::Tenant));
        self.table.list(&listing, limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores a new tenant.
    ///
    /// # Errors
    /// `tenant_exists` for an id that is taken.
    pub async fn create_tenant(&self, tenant: &Tenant, audit: &AuditContext) -> Result<()> {
        let mut retry = Retry::new();
        loop {
            let mut tx = self.table.transaction();
            let by_id = tx.create(row(tenant, 1)?)?;
            tx.set(audit.audit(EventType::TenantCreated, tenant.tenant_id.as_str())?)?;
            match tx.commit().await? {
                CommitOutcome::Done => return Ok(()),
                CommitOutcome::Cancelled(why) if why.refused(by_id) => {
                    return Err(Error::new(
                        Code::TenantExists,
                        format!("another tenant has the id {}", tenant.tenant_id),
                    )
                    .at("tenant_id"));
                }
                CommitOutcome::Cancelled(_) => retry.backoff().await?,
            }
        }
    }

    /// Changes a tenant. `check` judges the tenant as it stands before the change.
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
        let mut retry = Retry::new();
        loop {
            let Stored { value, rev } = self.tenant(id).await?;
            check(&value)?;
            let tenant = value.patched(audit.now, patch.clone())?;
            let mut tx = self.table.transaction();
            tx.replace(row(&tenant, rev + 1)?, rev)?;
            tx.set(audit.audit(EventType::TenantUpdated, id.as_str())?)?;
            match tx.commit().await? {
                CommitOutcome::Done => return Ok(tenant),
                CommitOutcome::Cancelled(_) => retry.backoff().await?,
            }
        }
    }
}

fn row(tenant: &Tenant, rev: u64) -> Result<Row> {
    let id = &tenant.tenant_id;
    Ok(Row::at(schema::tenant(id), tenant, rev)?.listed(schema::listed(
        EntityKind::Tenant,
        tenant.created_at,
        id.as_str(),
    )))
}
