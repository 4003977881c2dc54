//! EventBridge looks at the clock once a minute: has snapshots made when the configuration's
//! schedule says so.

use crate::fan_out::{Recipients, fan_out};
use serde::de::IgnoredAny;
use slipway_catalog::{ScheduleState, ScheduledTask};
use slipway_domain::GenerationId;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Job, Result, Trigger};
use slipway_snapshot::{SnapshotConfig, WorkItem};

/// Triggers a generation for every tenant at the times of the schedule. Unchanged snapshots are
/// renewed well before they expire. A run outside these times costs one request.
pub struct SnapshotOnSchedule;

impl Job for SnapshotOnSchedule {
    const NAME: &'static str = "snapshot-on-schedule";
    const TRIGGER: Trigger = Trigger::Schedule { minutes: 1 };
    const WRITES: &[Entity] = &[Entity::ScheduleState, Entity::WorkItem];
    type Capabilities = Capabilities<Writer>;
    type Event = IgnoredAny;

    async fn handle(ctx: &Ctx<Self::Capabilities>, _: Self::Event) -> Result<()> {
        let ScheduleState { config, last } =
            ctx.catalog().get_schedule_state(ScheduledTask::Generation).await?;
        let config = SnapshotConfig::effective(config, ctx.batch_window());
        // A deployment's first look at the clock begins the rhythm.
        let Some(last) = last else {
            return ctx.catalog().record_run(ScheduledTask::Generation, ctx.now(), None).await;
        };
        let Some(due) = config.scheduled.due(last.value, ctx.now()) else { return Ok(()) };
        // Named after its time, so that a second function at the same tick hands out the same work.
        let generation_id = GenerationId::of(&format!("schedule {due}"));
        fan_out(ctx, &Recipients::Everyone, &WorkItem::update(generation_id, due)).await?;
        ctx.catalog().record_run(ScheduledTask::Generation, due, Some(last.rev)).await
    }
}
