//! EventBridge looks at the clock once an hour: deletes snapshots whose time is over.

use std::collections::HashMap;

use jiff::SignedDuration;
use serde::de::IgnoredAny;
use slipway_catalog::{ScheduleState, ScheduledTask};
use slipway_domain::{SnapshotId, TenantId};
use slipway_edge::capabilities::{Entity, SnapshotDeleter, Writer};
use slipway_edge::{Capabilities, Ctx, Job, Result, Trigger};
use slipway_snapshot::{Snapshot, SnapshotConfig, SnapshotStream, StreamId};
use slipway_storage::{StoredObject, snapshot_of};

/// Snapshots per read.
const PAGE: usize = 500;
/// Age from which an object without a snapshot is deleted: the generation that wrote it has lost a
/// race or died.
const UNDER_WAY: SignedDuration = SignedDuration::from_hours(24);

/// Deletes the snapshots that the retention policy no longer keeps, and the objects of unfinished
/// generations.
pub struct Retention;

impl Job for Retention {
    const NAME: &'static str = "retention";
    const TRIGGER: Trigger = Trigger::Schedule { minutes: 60 };
    const WRITES: &[Entity] = &[Entity::ScheduleState, Entity::Snapshot];
    type Capabilities = Capabilities<Writer, SnapshotDeleter>;
    type Event = IgnoredAny;

    async fn handle(ctx: &Ctx<Self::Capabilities>, _: Self::Event) -> Result<()> {
        let ScheduleState { config, last } =
            ctx.catalog().get_schedule_state(ScheduledTask::Cleanup).await?;
        let config = SnapshotConfig::effective(config, ctx.batch_window());
        let Some(last) = last else {
            return ctx.catalog().record_run(ScheduledTask::Cleanup, ctx.now(), None).await;
        };
        let Some(due) = config.retention.due(last.value, ctx.now()) else { return Ok(()) };
        delete_ended(ctx, &config).await?;
        sweep(ctx).await?;
        ctx.catalog().record_run(ScheduledTask::Cleanup, due, Some(last.rev)).await
    }
}

/// Deletes the snapshots that the retention policy no longer keeps.
async fn delete_ended(
    ctx: &Ctx<Capabilities<Writer, SnapshotDeleter>>,
    config: &SnapshotConfig,
) -> Result<()> {
    let mut streams = Streams { ctx, known: HashMap::new() };
    let mut start = None;
    loop {
        let page = ctx
            .catalog()
            .list_snapshots_before(config.retention.cutoff(ctx.now()), PAGE, start)
            .await?;
        for snapshot in &page.items {
            let stream = streams.of(snapshot).await?;
            if stream
                .is_some_and(|stream| config.retention.is_expendable(snapshot, stream, ctx.now()))
            {
                // The row first: nobody is led to an object that is gone. A crash in between leaves
                // the object to the sweep.
                ctx.catalog().delete_snapshot(snapshot, &ctx.audit()?).await?;
                ctx.storage().delete_objects(snapshot).await?;
            }
        }
        start = page.next;
        if start.is_none() {
            return Ok(());
        }
    }
}

/// Snapshot streams, read once per tenant.
struct Streams<'a> {
    ctx: &'a Ctx<Capabilities<Writer, SnapshotDeleter>>,
    known: HashMap<TenantId, HashMap<StreamId, SnapshotStream>>,
}

impl Streams<'_> {
    async fn of(&mut self, snapshot: &Snapshot) -> Result<Option<&SnapshotStream>> {
        let tenant = &snapshot.tenant_id;
        if !self.known.contains_key(tenant) {
            let streams = self
                .ctx
                .catalog()
                .list_streams(tenant)
                .await?
                .into_iter()
                .map(|stored| stored.value);
            let streams = streams.map(|stream| (stream.channels.stream_id(), stream)).collect();
            self.known.insert(tenant.clone(), streams);
        }
        Ok(self.known.get(tenant).and_then(|streams| streams.get(&snapshot.stream)))
    }
}

/// Deletes objects without a snapshot.
async fn sweep(ctx: &Ctx<Capabilities<Writer, SnapshotDeleter>>) -> Result<()> {
    let mut start = None;
    loop {
        let (objects, next) = ctx.storage().list(start).await?;
        let settled = objects
            .into_iter()
            .filter(|object| ctx.now().duration_since(object.written_at) > UNDER_WAY);
        let owned: Vec<(SnapshotId, StoredObject)> =
            settled.filter_map(|object| Some((snapshot_of(&object.key)?, object))).collect();
        let mut ids: Vec<SnapshotId> = owned.iter().map(|(id, _)| id.clone()).collect();
        ids.sort();
        ids.dedup();
        let existing: Vec<SnapshotId> = ctx
            .catalog()
            .find_snapshots(&ids)
            .await?
            .into_iter()
            .map(|snapshot| snapshot.snapshot_id)
            .collect();
        let orphans: Vec<String> = owned
            .into_iter()
            .filter(|(id, _)| !existing.contains(id))
            .map(|(_, object)| object.key)
            .collect();
        if !orphans.is_empty() {
            ctx.storage().delete(orphans).await?;
        }
        start = next;
        if start.is_none() {
            return Ok(());
        }
    }
}
