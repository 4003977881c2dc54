//! EventBridge looks at the clock once a minute: has snapshots made when the configuration's schedule says so.

use serde::Deserialize;
use slipway_catalog::{Agenda, Rhythm};
use slipway_domain::GenerationId;
use slipway_domain::snapshot::{Demand, Selection, SnapshotConfig};
use slipway_edge::power::ReadWrite;
use slipway_edge::{Ctx, Job, Result, Trigger};
use slipway_snapshots::fan_out::{Recipients, fan_out};
use slipway_snapshots::generation::Order;

/// Has every tenant's snapshots made at the times of the schedule, if anything has changed, and early enough before the standing ones
/// expire. A look at the clock costs one request.
pub struct SnapshotOnSchedule;

/// What the schedule sends.
#[derive(Debug, Deserialize)]
pub struct Tick {
    /// Where clients reach the API.
    public_url: String,
}

impl Job for SnapshotOnSchedule {
    const NAME: &'static str = "snapshot-on-schedule";
    const TRIGGER: Trigger = Trigger::Schedule { minutes: 1 };
    type Power = ReadWrite;
    type Event = Tick;

    async fn handle(ctx: &Ctx<Self::Power>, tick: Self::Event) -> Result<()> {
        let Agenda { config, last } = ctx.catalog().agenda(Rhythm::Generation).await?;
        let config = SnapshotConfig::in_force(config, ctx.batch_window());
        // A deployment's first look at the clock begins the rhythm.
        let Some(last) = last else { return ctx.catalog().done_at(Rhythm::Generation, ctx.now(), None).await };
        let Some(due) = config.scheduled.due(last.value, ctx.now()) else { return Ok(()) };
        let order = Order { demand: Demand::IfChanged, base_url: &tick.public_url, generation_id: None };
        // Named after its time, so that a second function at the same tick hands out the same work.
        let id = GenerationId::of(&format!("schedule {due}"));
        fan_out(ctx, &id, &Recipients::Everyone, &Selection::EveryStream, &order, due).await?;
        ctx.catalog().done_at(Rhythm::Generation, due, Some(last.rev)).await
    }
}
