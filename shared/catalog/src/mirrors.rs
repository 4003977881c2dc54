//! Mirrors.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::{Error, MirrorId, Result};
use slipway_snapshot::mirror::{Mirror, MirrorReport};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Protected;
use crate::schema::{self, EntityKind, Index};
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Writer};

impl Reader {
    /// The mirror with this id, if the principal may know of its tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_mirror(&self, id: &MirrorId) -> Result<Stored<Mirror>> {
        self.find(&schema::mirror(id)).await?.ok_or_else(|| Error::not_found("mirror", id))
    }

    /// A page of the mirrors whose tenants the principal may know of, newest first.
    pub async fn list_mirrors(
        &self,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Mirror, StartKey>> {
        let listing = KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Mirror));
        self.list(&[listing], limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores a new mirror.
    pub async fn create_mirror(&self, mirror: &Mirror, audit: &AuditContext) -> Result<()> {
        self.authorize_change(mirror.resource())?;
        let id = &mirror.mirror_id;
        self.table
            .transact(|mut tx| async move {
                tx.create(row(mirror)?)?.or(Error::internal(format!("{id} is taken")));
                audit.record(&mut tx, EventType::MirrorCreated, audited::created(mirror)?)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Keeps what a mirror says of itself.
    ///
    /// # Errors
    /// `not_found` for a mirror that the principal may not know of.
    pub async fn record_mirror_report(
        &self,
        id: &MirrorId,
        report: &MirrorReport,
        audit: &AuditContext,
    ) -> Result<Mirror> {
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.get_mirror(id).await?)?;
                let mirror = value.clone().reported(report.clone(), audit.now);
                tx.replace(row(&mirror)?, rev)?;
                let subject = audited::updated(&value, &mirror)?;
                audit.record(&mut tx, EventType::MirrorReported, subject)?;
                Ok(tx.returning(mirror))
            })
            .await
    }
}

fn row(mirror: &Mirror) -> Result<Row> {
    let id = &mirror.mirror_id;
    Ok(Row::new(schema::mirror(id), mirror)?.indexed(schema::by_kind(
        EntityKind::Mirror,
        mirror.created_at,
        id.as_str(),
    )))
}
