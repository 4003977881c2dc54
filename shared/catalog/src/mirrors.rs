//! Mirrors.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::{Error, MirrorId, Principal, Result};
use slipway_snapshot::mirror::{Mirror, MirrorReport};

use crate::audit::AuditContext;
use crate::retry::Retry;
use crate::row::{Row, Stored};
use crate::schema::{self, EntityKind, Index};
use crate::table::{KeyQuery, Reader, StartKey, Writer};
use crate::transaction::CommitOutcome;

impl Reader {
    /// The mirror with this id, if `principal` may know of its tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn visible_mirror(
        &self,
        id: &MirrorId,
        principal: &Principal,
    ) -> Result<Stored<Mirror>> {
        let mirror: Option<Stored<Mirror>> = self.table.get(&schema::mirror(id)).await?;
        let mirror = mirror.filter(|stored| principal.sees_tenant(&stored.value.tenant_id));
        mirror.ok_or_else(|| Error::not_found("mirror", id))
    }

    /// A page of all mirrors, newest first.
    pub async fn mirrors(
        &self,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Mirror, StartKey>> {
        let listing = KeyQuery::of_index(Index::ByKind, schema::all(EntityKind::Mirror));
        self.table.list(&listing, limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores a new mirror.
    pub async fn create_mirror(&self, mirror: &Mirror, audit: &AuditContext) -> Result<()> {
        let mut tx = self.table.transaction();
        tx.create(row(mirror, 1)?)?;
        tx.set(audit.audit(EventType::MirrorCreated, mirror.mirror_id.as_str())?)?;
        match tx.commit().await? {
            CommitOutcome::Done => Ok(()),
            CommitOutcome::Cancelled(_) => {
                Err(Error::internal(format!("{} is taken", mirror.mirror_id)))
            }
        }
    }

    /// Keeps what a mirror says of itself.
    ///
    /// # Errors
    /// `not_found` for a mirror that `principal` may not know of.
    pub async fn report(
        &self,
        id: &MirrorId,
        report: &MirrorReport,
        principal: &Principal,
        audit: &AuditContext,
    ) -> Result<Mirror> {
        let mut retry = Retry::new();
        loop {
            let Stored { value, rev } = self.visible_mirror(id, principal).await?;
            let mirror = value.reported(report.clone(), audit.now);
            let mut tx = self.table.transaction();
            tx.replace(row(&mirror, rev + 1)?, rev)?;
            tx.set(audit.audit(EventType::MirrorReported, id.as_str())?)?;
            match tx.commit().await? {
                CommitOutcome::Done => return Ok(mirror),
                CommitOutcome::Cancelled(_) => retry.backoff().await?,
            }
        }
    }
}

fn row(mirror: &Mirror, rev: u64) -> Result<Row> {
    let id = &mirror.mirror_id;
    Ok(Row::at(schema::mirror(id), mirror, rev)?.listed(schema::listed(
        EntityKind::Mirror,
        mirror.created_at,
        id.as_str(),
    )))
}
