//! Snapshots and their streams: a snapshot and its stream's `latest` move together.

use slipway_domain::audit::EventType;
use slipway_domain::page::Page;
use slipway_domain::{Code, Error, Result, SnapshotId, TenantId, Timestamp};
use slipway_snapshot::{ChannelSet, MAX_STREAMS, Snapshot, SnapshotStream, StreamId, StreamUse};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::{Protected, Resource};
use crate::schema::{self, EntityKind, Index};
use crate::store::{
    Consistency, KeyQuery, Reader, Row, StartKey, Stored, Transaction, Writer, decode,
};

/// How an attempt to add a snapshot to its stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppendOutcome {
    /// It is the latest now.
    Appended,
    /// Another snapshot came in between; nothing was changed.
    Conflict,
}

impl Reader {
    /// The snapshot with this id, if the principal may know of its tenant.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_snapshot(&self, id: &SnapshotId) -> Result<Snapshot> {
        let snapshot = self.find(&schema::snapshot(id)).await?;
        snapshot.map(|stored| stored.value).ok_or_else(|| Error::not_found("snapshot", id))
    }

    /// A page of the snapshots of a tenant, newest first: the requested one, else the one that the
    /// principal is bound to, else of all.
    ///
    /// # Errors
    /// As for [`Reader::requested_tenant`].
    pub async fn list_snapshots(
        &self,
        tenant: Option<TenantId>,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Snapshot, StartKey>> {
        let listing = match self.requested_tenant(tenant)? {
            Some(tenant) => KeyQuery::of_index(Index::ByRelation, schema::snapshots_of(&tenant)),
            None => KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Snapshot)),
        };
        self.list(&[listing], limit, start, |_| true).await
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
        self.list(&[listing], limit, start, |_| true).await
    }

    /// Those among `ids` that exist.
    pub async fn find_snapshots(&self, ids: &[SnapshotId]) -> Result<Vec<Snapshot>> {
        let keys = ids.iter().map(schema::snapshot).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let found = rows.iter().map(|row| Ok(decode::<Snapshot>(row)?.value));
        let mut found: Vec<Snapshot> = found.collect::<Result<_>>()?;
        found.retain(|snapshot| self.can_see(snapshot.resource()));
        Ok(found)
    }

    /// A stream of a tenant, if it was ever asked for.
    pub async fn find_stream(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
    ) -> Result<Option<Stored<SnapshotStream>>> {
        self.find(&schema::stream(tenant, stream)).await
    }

    /// All streams of a tenant, deleted ones too.
    ///
    /// # Errors
    /// `not_found` for a tenant that the principal may not know of.
    pub async fn list_streams(&self, tenant: &TenantId) -> Result<Vec<Stored<SnapshotStream>>> {
        self.principal.require_tenant(tenant)?;
        let rows = self.table.partition(&schema::streams_of(tenant)).await?;
        rows.iter().map(decode).collect()
    }
}

impl Writer {
    /// Makes the `latest` of `stream` its newest snapshot, if the stream is still as `seen`. Who
    /// has asked for it records that as `used`.
    ///
    /// # Errors
    /// `stale_state` for a stream more than a tenant may have.
    pub async fn append_snapshot(
        &self,
        stream: &SnapshotStream,
        seen: Option<&Stored<SnapshotStream>>,
        used: Option<&StreamUse>,
        audit: &AuditContext,
    ) -> Result<AppendOutcome> {
        self.authorize_change(stream.resource())?;
        let snapshot = stream
            .latest
            .as_ref()
            .ok_or_else(|| Error::internal("a stream to append to names what to append"))?;
        let key = &schema::stream(&stream.tenant_id, &stream.channels.stream_id());
        let is_further = !seen.is_some_and(|seen| seen.value.is_active());
        let use_key = &schema::stream_use(&stream.tenant_id, &stream.channels.stream_id());
        self.table
            .transact(|mut tx| async move {
                tx.create(snapshot_row(snapshot)?)?;
                tx.put_if_unchanged(Row::new(key.clone(), stream)?, seen.map(|seen| seen.rev))?
                    .or_answer(AppendOutcome::Conflict);
                if let Some(used) = used {
                    tx.put(Row::new(use_key.clone(), used)?)?;
                }
                if is_further && stream.channels != ChannelSet::All {
                    self.require_room_for_stream(&mut tx, &stream.tenant_id).await?;
                }
                audit.record(&mut tx, EventType::SnapshotCreated, audited::created(snapshot)?)?;
                Ok(tx.returning(AppendOutcome::Appended))
            })
            .await
    }

    /// Counts the streams of a tenant, and adds to `tx` that nobody adds one in between.
    async fn require_room_for_stream<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        tenant: &TenantId,
    ) -> Result<()> {
        let key = schema::stream_count_guard(tenant);
        // Read before the streams are: what is added after it changes it.
        let guard: Option<Stored<TenantId>> = self.table.get(&key).await?;
        let streams = self.list_streams(tenant).await?;
        if streams.iter().filter(|stream| stream.value.is_active()).count() >= MAX_STREAMS {
            let message = format!(
                "{tenant} has {MAX_STREAMS} sets of channels already; use one of them, or delete one with snapshot-stream-delete"
            );
            return Err(Error::new(Code::StaleState, message).at("channels"));
        }
        tx.put_if_unchanged(Row::new(key, tenant)?, guard.map(|guard| guard.rev))?;
        Ok(())
    }

    /// Deletes a stream: it answers no more, gets no new snapshots, and makes room for another one.
    /// Deleting it again changes nothing.
    ///
    /// # Errors
    /// `not_found`; `stale_state` for the stream of all channels.
    pub async fn delete_stream(
        &self,
        tenant: &TenantId,
        id: &StreamId,
        audit: &AuditContext,
    ) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                let stream = self.find_stream(tenant, id).await?;
                let stream = stream.ok_or_else(|| Error::not_found("snapshot stream", id))?;
                let Stored { value, rev } = self.to_change(stream)?;
                let Some(deleted) = value.deleted(audit.now)? else { return Ok(tx.returning(())) };
                tx.replace(Row::new(schema::stream(tenant, id), &deleted)?, rev)?;
                tx.delete_if_exists(&schema::stream_use(tenant, id))?;
                audit.record(
                    &mut tx,
                    EventType::SnapshotStreamDeleted,
                    audited::deleted(&value)?,
                )?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Deletes a snapshot's row. It never changes, so that there is nothing to be overtaken by but
    /// another deletion, which has recorded it.
    pub async fn delete_snapshot(&self, snapshot: &Snapshot, audit: &AuditContext) -> Result<()> {
        self.authorize_change(Resource::Deployment)?;
        self.table
            .transact(|mut tx| async move {
                tx.delete_existing(&schema::snapshot(&snapshot.snapshot_id))?.or_answer(());
                audit.record(&mut tx, EventType::SnapshotDeleted, audited::deleted(snapshot)?)?;
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
