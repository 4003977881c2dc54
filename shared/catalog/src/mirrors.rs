//! Mirrors.

use slipway_domain::audit::EventType;
use slipway_domain::mirror::{Mirror, Report};
use slipway_domain::page::Page;
use slipway_domain::{Error, MirrorId, Principal, Result};

use crate::contention::Contention;
use crate::deed::Deed;
use crate::row::{Row, Stored};
use crate::schema::{self, Index, Kind};
use crate::table::{Listing, Position, Reader, Writer};
use crate::transaction::Commit;

impl Reader {
    /// The mirror with this id, if `principal` may know of its tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn visible_mirror(&self, id: &MirrorId, principal: &Principal) -> Result<Stored<Mirror>> {
        let mirror: Option<Stored<Mirror>> = self.table.get(&schema::mirror(id)).await?;
        let mirror = mirror.filter(|stored| principal.sees_tenant(&stored.value.tenant_id));
        mirror.ok_or_else(|| Error::not_found("mirror", id))
    }

    /// A page of all mirrors, newest first.
    pub async fn mirrors(&self, limit: usize, start: Option<Position>) -> Result<Page<Mirror, Position>> {
        let listing = Listing::of_index(Index::ByKind, schema::all(Kind::Mirror));
        self.table.list(&listing, limit, start, |_| true).await
    }
}

impl Writer {
    /// Stores a new mirror.
    pub async fn create_mirror(&self, mirror: &Mirror, deed: &Deed) -> Result<()> {
        let mut tx = self.table.transaction();
        tx.create(row(mirror, 1)?)?;
        tx.set(deed.audit(EventType::MirrorCreated, mirror.mirror_id.as_str())?)?;
        match tx.commit().await? {
            Commit::Done => Ok(()),
            Commit::Cancelled(_) => Err(Error::internal(format!("{} is taken", mirror.mirror_id))),
        }
    }

    /// Keeps what a mirror says of itself.
    ///
    /// # Errors
    /// `not_found` for a mirror that `principal` may not know of.
    pub async fn report(&self, id: &MirrorId, report: &Report, principal: &Principal, deed: &Deed) -> Result<Mirror> {
        let mut contention = Contention::new();
        loop {
            let Stored { value, rev } = self.visible_mirror(id, principal).await?;
            let mirror = value.reported(report.clone(), deed.now);
            let mut tx = self.table.transaction();
            tx.replace(row(&mirror, rev + 1)?, rev)?;
            tx.set(deed.audit(EventType::MirrorReported, id.as_str())?)?;
            match tx.commit().await? {
                Commit::Done => return Ok(mirror),
                Commit::Cancelled(_) => contention.overtaken().await?,
            }
        }
    }
}

fn row(mirror: &Mirror, rev: u64) -> Result<Row> {
    let id = &mirror.mirror_id;
    Ok(Row::at(schema::mirror(id), mirror, rev)?.listed(schema::listed(Kind::Mirror, mirror.created_at, id.as_str())))
}
