//! Snapshots and their streams: a snapshot and its stream's `latest` move together.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::{Error, Principal, Result, SnapshotId, TenantId, Timestamp};
use slipway_snapshot::{Snapshot, SnapshotStream, StreamId};

use crate::audit::AuditContext;
use crate::row::{Row, Stored, decode};
use crate::schema::{self, EntityKind, Index};
use crate::table::{KeyQuery, Reader, StartKey, Writer};
use crate::transaction::CommitOutcome;

/// A partition of streams has no more rows than this; [`slipway_snapshot::MAX_STREAMS`] is below
/// it.
const MAX_ROWS: i32 = 100;

/// How an attempt to add a snapshot to its stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendOutcome {
    /// It is the latest now.
    Appended,
    /// Another snapshot came in between; nothing was changed.
    Conflict,
}

impl Reader {
    /// The snapshot with this id, if `principal` may know of its tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn visible_snapshot(
        &self,
        id: &SnapshotId,
        principal: &Principal,
    ) -> Result<Snapshot> {
        let snapshot: Option<Stored<Snapshot>> = self.table.get(&schema::snapshot(id)).await?;
        let snapshot = snapshot
            .map(|stored| stored.value)
            .filter(|snapshot| principal.sees_tenant(&snapshot.tenant_id));
        snapshot.ok_or_else(|| Error::not_found("snapshot", id))
    }

    /// A page of the snapshots of a tenant, or of all, newest first.
    pub async fn snapshots(
        &self,
        tenant: Option<&TenantId>,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Snapshot, StartKey>> {
        let listing = match tenant {
            Some(tenant) => KeyQuery::of_index(Index::ByRelation, schema::snapshots_of(tenant)),
            None => KeyQuery::of_index(Index::ByKind, schema::all(EntityKind::Snapshot)),
        };
        self.table.list(&listing, limit, start, |_| true).await
    }

    /// A page of the snapshots that were made before `time`, newest first.
    pub async fn snapshots_before(
        &self,
        time: Timestamp,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Snapshot, StartKey>> {
        let listing = KeyQuery::of_index_below(
            Index::ByKind,
            schema::all(EntityKind::Snapshot),
            schema::time(time),
        );
        self.table.list(&listing, limit, start, |_| true).await
    }

    /// Those among `ids` that exist.
    pub async fn existing_snapshots(&self, ids: &[SnapshotId]) -> Result<Vec<Snapshot>> {
        let keys = ids.iter().map(schema::snapshot).collect();
        let rows = self.table.get_each(keys, crate::table::Consistency::Strong).await?;
        rows.iter().map(|row| Ok(decode(row)?.value)).collect()
    }

    /// A stream of a tenant, if it was ever asked for.
    pub async fn stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
    ) -> Result<Option<Stored<SnapshotStream>>> {
        self.table.get(&schema::stream(tenant, stream)).await
    }

    /// All streams of a tenant.
    pub async fn streams(&self, tenant: &TenantId) -> Result<Vec<Stored<SnapshotStream>>> {
        let rows = self.table.partition(&schema::streams_of(tenant), MAX_ROWS).await?;
        rows.iter().map(decode).collect()
    }
}

impl Writer {
    /// Makes the `latest` of `stream` its newest snapshot, if the stream is still at the revision
    /// `seen`.
    pub async fn append_snapshot(
        &self,
        stream: &SnapshotStream,
        seen: Option<u64>,
        audit: &AuditContext,
    ) -> Result<AppendOutcome> {
        let snapshot = stream
            .latest
            .as_ref()
            .ok_or_else(|| Error::internal("a stream to append to names what to append"))?;
        let key = schema::stream(&stream.tenant_id, &stream.channels.stream_id());
        let mut tx = self.table.transaction();
        tx.create(snapshot_row(snapshot)?)?;
        tx.succeed(Row::at(key, stream, seen.unwrap_or_default() + 1)?, seen)?;
        tx.set(audit.audit(EventType::SnapshotCreated, snapshot.snapshot_id.as_str())?)?;
        Ok(match tx.commit().await? {
            CommitOutcome::Done => AppendOutcome::Appended,
            CommitOutcome::Cancelled(_) => AppendOutcome::Conflict,
        })
    }

    /// Deletes a snapshot's row. It never changes, so that there is nothing to be overtaken by but
    /// another deletion.
    pub async fn delete_snapshot(&self, id: &SnapshotId, audit: &AuditContext) -> Result<()> {
        let mut tx = self.table.transaction();
        tx.clear(&schema::snapshot(id))?;
        tx.set(audit.audit(EventType::SnapshotDeleted, id.as_str())?)?;
        match tx.commit().await? {
            CommitOutcome::Done => Ok(()),
            CommitOutcome::Cancelled(_) => Err(Error::new(
                slipway_domain::Code::Contention,
                format!("{id} is being deleted by another job"),
            )),
        }
    }
}

fn snapshot_row(snapshot: &Snapshot) -> Result<Row> {
    let id = &snapshot.snapshot_id;
    let by_time = schema::listed(EntityKind::Snapshot, snapshot.created_at, id.as_str());
    let by_tenant = schema::snapshot_of(&snapshot.tenant_id, snapshot.created_at, id);
    Ok(Row::first(schema::snapshot(id), snapshot)?.listed(by_time).listed(by_tenant))
}
