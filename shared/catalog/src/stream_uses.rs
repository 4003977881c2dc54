//! When streams of snapshots were last used, and the end of those that nobody uses.
//!
//! The use of a stream is a row of its own: functions that read snapshots may write it and nothing
//! else, and a read gets in no generation's way.

use jiff::SignedDuration;
use slipway_domain::audit::EventType;
use slipway_domain::{Result, TenantId, Timestamp};
use slipway_snapshot::{StreamId, StreamUse};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Resource;
use crate::schema;
use crate::store::{Consistency, Reader, Row, Stored, Writer, decode};

/// What became of a use that was to be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordOutcome {
    /// It is recorded, or one of the same day is.
    Recorded,
    /// The stream has ended, so that there is nothing to be used.
    Ended,
}

/// What became of a stream that was to lapse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LapseOutcome {
    /// It has ended.
    Lapsed,
    /// Somebody has used it meanwhile, or ended it.
    Kept,
}

impl Reader {
    /// The recorded uses of a tenant's streams.
    ///
    /// # Errors
    /// `not_found` for a tenant that the principal may not know of.
    pub async fn list_stream_uses(&self, tenant: &TenantId) -> Result<Vec<StreamUse>> {
        self.principal.require_tenant(tenant)?;
        let rows = self.table.partition(&schema::stream_uses_of(tenant)).await?;
        rows.iter().map(|row| Ok(decode(row)?.value)).collect()
    }

    /// Whether a use of the stream at `now` need not be recorded. May lag, which costs a record
    /// more.
    async fn is_use_recorded(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        now: Timestamp,
    ) -> Result<bool> {
        let key = schema::stream_use(tenant, stream);
        let row = self.table.get_item(&key, Consistency::Eventual).await?;
        let last: Option<Stored<StreamUse>> = row.as_ref().map(decode).transpose()?;
        Ok(last.is_some_and(|last| last.value.covers(now)))
    }
}

impl Writer {
    /// Records that a stream that the caller has read is used at `now`: one transaction a day, and
    /// one read of half a unit otherwise.
    ///
    /// # Errors
    /// `not_found` for a tenant that the principal may not know of.
    pub async fn record_stream_use(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
        now: Timestamp,
    ) -> Result<RecordOutcome> {
        self.authorize_change(Resource::TenantData(tenant))?;
        if self.is_use_recorded(tenant, stream, now).await? {
            return Ok(RecordOutcome::Recorded);
        }
        let used = &StreamUse { tenant_id: tenant.clone(), stream: stream.clone(), used_at: now };
        self.table
            .transact(|mut tx| async move {
                let last = self.find_stream_use(tenant, stream).await?;
                let found = self.find_stream(tenant, stream).await?;
                let Some(Stored { rev, .. }) = found.filter(|found| found.value.is_active()) else {
                    return Ok(tx.returning(RecordOutcome::Ended));
                };
                let row = Row::new(schema::stream_use(tenant, stream), used)?;
                tx.put_if_unchanged(row, last.map(|last| last.rev))?;
                // A stream ends together with its use; none is left behind by a deletion in
                // between.
                tx.require_unchanged(&schema::stream(tenant, stream), rev)?;
                Ok(tx.returning(RecordOutcome::Recorded))
            })
            .await
    }

    async fn find_stream_use(
        &self,
        tenant: &TenantId,
        stream: &StreamId,
    ) -> Result<Option<Stored<StreamUse>>> {
        self.table.get(&schema::stream_use(tenant, stream)).await
    }

    /// Ends a stream that was not used for longer than `limit`, as if it were deleted. A use that
    /// is recorded meanwhile keeps it.
    ///
    /// # Errors
    /// `stale_state` for the stream of all channels.
    pub async fn lapse_stream(
        &self,
        tenant: &TenantId,
        id: &StreamId,
        limit: SignedDuration,
        audit: &AuditContext,
    ) -> Result<LapseOutcome> {
        let resource = Resource::TenantData(tenant);
        self.table
            .transact(|mut tx| async move {
                // In this order: who asks for a snapshot replaces both, and the use's revision may
                // be what it was.
                let stream = self.find_stream(tenant, id).await?;
                let last = self.find_stream_use(tenant, id).await?;
                let (Some(last), Some(stream)) = (last, stream) else {
                    return Ok(tx.returning(LapseOutcome::Kept));
                };
                if !last.value.has_lapsed(limit, audit.now) {
                    return Ok(tx.returning(LapseOutcome::Kept));
                }
                let Some(lapsed) = stream.value.deleted(audit.now)? else {
                    return Ok(tx.returning(LapseOutcome::Kept));
                };
                let subject = audited::deleted(&stream.value)?;
                let row = Row::new(schema::stream(tenant, id), &lapsed)?;
                tx.replace(row, self.to_change_of(resource, stream)?.rev)?;
                let last = self.to_change_of(resource, last)?;
                tx.delete_if_unchanged(&schema::stream_use(tenant, id), last.rev)?;
                audit.record(&mut tx, EventType::SnapshotStreamDeleted, subject)?;
                Ok(tx.returning(LapseOutcome::Lapsed))
            })
            .await
    }
}
