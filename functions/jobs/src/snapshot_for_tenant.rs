//! The stream brings a piece of work: makes the snapshots of one tenant.

use slipway_catalog::{Inserted, WORK};
use slipway_domain::snapshot::Work;
use slipway_edge::power::Generate;
use slipway_edge::{Ctx, Delivery, Job, Result, Trigger};
use slipway_snapshots::generation;

/// Makes one tenant's snapshots. However many tenants there are, each gets a function that works for it alone.
pub struct SnapshotForTenant;

impl Job for SnapshotForTenant {
    const NAME: &'static str = "snapshot-for-tenant";
    const TRIGGER: Trigger = Trigger::RowsInserted { prefix: WORK, delivery: Delivery::Single };
    type Power = Generate;
    type Event = Inserted;

    async fn handle(ctx: &Ctx<Self::Power>, event: Self::Event) -> Result<()> {
        for work in event.entities::<Work>()? {
            generation::work(ctx, &work).await?;
        }
        Ok(())
    }
}
