//! Snapshots and their streams: a snapshot and its stream's `latest` move together.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::{Error, Principal, Result, SnapshotId, TenantId, Timestamp};
use slipway_snapshot::{Snapshot, SnapshotStream, StreamId};

use crate::audit::AuditContext;
use crate::schema::{self, EntityKind, Index};
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Writer, decode};

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
    pub async fn get_snapshot(&self, id: &SnapshotId, principal: &Principal) -> Result<Snapshot> {
        let snapshot: Option<Stored<Snapshot>> = self.table.get(&schema::snapshot(id)).await?;
        let snapshot = snapshot
            .map(|stored| stored.value)
            .filter(|snapshot| principal.can_see_tenant(&snapshot.tenant_id));
        snapshot.ok_or_else(|| Error::not_found("snapshot", id))
    }

    /// A page of the snapshots of a tenant, or of all, newest first.
    pub async fn list_snapshots(
        &self,
        tenant: Option<&TenantId>,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Snapshot, StartKey>> {
        let listing = match tenant {
            Some(tenant) => KeyQuery::of_index(Index::ByRelation, schema::snapshots_of(tenant)),
            None => KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Snapshot)),
        };
        self.table.list(&listing, limit, start, |_| true).await
    }

    /// A page of the snapshots that were made before `time`, newest first.
    pub async fn list_snapshots_before(
        &self,
        time: Timestamp,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Snapshot, StartKey>> {
        let listing = KeyQuery::of_index_below(
            Index::ByKind,
            schema::kind_partition(EntityKind::Snapshot),
            schema::time(time),
        );
        self.table.list(&listing, limit, start, |_| true).await
    }

    /// Those among `ids` that exist.
    pub async fn find_snapshots(&self, ids: &[SnapshotId]) -> Result<Vec<Snapshot>> {
        let keys = ids.iter().map(schema::snapshot).collect();
        let rows = self.table.batch_get(keys, crate::store::Consistency::Strong).await?;
        rows.iter().map(|row| Ok(decode(row)?.value)).collect()
    }

    /// A stream of a tenant, if it was ever asked for.
    pub async fn find_stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
    ) -> Result<Option<Stored<SnapshotStream>>> {
        self.table.get(&schema::stream(tenant, stream)).await
    }

    /// All streams of a tenant.
    pub async fn list_streams(&self, tenant: &TenantId) -> Result<Vec<Stored<SnapshotStream>>> {
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
        let key = &schema::stream(&stream.tenant_id, &stream.channels.stream_id());
        self.table
            .transact(|mut tx| async move {
                tx.create(snapshot_row(snapshot)?)?;
                tx.put_if_unchanged(Row::new(key.clone(), stream)?, seen)?
                    .or_answer(AppendOutcome::Conflict);
                audit.record(&mut tx, EventType::SnapshotCreated, snapshot.snapshot_id.as_str())?;
                Ok(tx.returning(AppendOutcome::Appended))
            })
            .await
    }

    /// Deletes a snapshot's row. It never changes, so that there is nothing to be overtaken by but
    /// another deletion.
    pub async fn delete_snapshot(&self, id: &SnapshotId, audit: &AuditContext) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                tx.delete_if_exists(&schema::snapshot(id))?;
                audit.record(&mut tx, EventType::SnapshotDeleted, id.as_str())?;
                Ok(tx.returning(()))
            })
            .await
    }
}

fn snapshot_row(snapshot: &Snapshot) -> Result<Row> {
    let id = &snapshot.snapshot_id;
    let by_time = schema::by_kind(EntityKind::Snapshot, snapshot.created_at, id.as_str());
    let by_tenant = schema::snapshot_of(&snapshot.tenant_id, snapshot.created_at, id);
    Ok(Row::new(schema::snapshot(id), snapshot)?.indexed(by_time).indexed(by_tenant))
}
