//! The dispatcher brings a piece of work: makes the snapshots of one tenant, or splits work for all.

use crate::generation::{self, Generate};
use slipway_catalog::StreamEvent;
use slipway_edge::capabilities::Entity;
use slipway_edge::dispatch::WORK_ITEMS;
use slipway_edge::{Ctx, FunctionSize, Job, Result, Trigger};
use slipway_snapshot::WorkItem;

/// Generates one tenant's snapshots from a work item, in an invocation of its own however many
/// tenants there are. Splits an item for every tenant into one for each.
pub struct SnapshotForTenant;

impl Job for SnapshotForTenant {
    const NAME: &'static str = WORK_ITEMS.job;
    const TRIGGER: Trigger = Trigger::RowsDispatched(&WORK_ITEMS);
    const WRITES: &[Entity] = &[Entity::Snapshot, Entity::StreamUse, Entity::WorkItem];
    const SIZE: FunctionSize = FunctionSize::HEAVY_JOB;
    type Capabilities = Generate;
    type Event = StreamEvent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        for work in event.entities::<WorkItem>()? {
            generation::work(ctx, &work).await?;
        }
        Ok(())
    }
}
