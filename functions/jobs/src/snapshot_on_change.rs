//! The stream brings changes, collected for the batch window: has snapshots made for whom they concern.

use slipway_catalog::{CHANGES, Inserted};
use slipway_domain::GenerationId;
use slipway_domain::snapshot::{Change, Demand, Selection, SnapshotConfig};
use slipway_edge::power::ReadWrite;
use slipway_edge::{Ctx, Delivery, Job, Result, Trigger};
use slipway_snapshots::fan_out::{Recipients, fan_out};
use slipway_snapshots::generation::Order;

/// Has snapshots made when releases are published or revoked: one for each tenant that may have one of the products, however many
/// changes the batch window has collected.
pub struct SnapshotOnChange;

impl Job for SnapshotOnChange {
    const NAME: &'static str = "snapshot-on-change";
    const TRIGGER: Trigger = Trigger::RowsInserted { prefix: CHANGES, delivery: Delivery::Window };
    type Power = ReadWrite;
    type Event = Inserted;

    async fn handle(ctx: &Ctx<Self::Power>, event: Self::Event) -> Result<()> {
        let mut changes = event.entities::<Change>()?;
        changes.retain(Change::makes_snapshots);
        let Some(last) = changes.last() else { return Ok(()) };
        let stored = ctx.catalog().snapshot_config().await?;
        if !SnapshotConfig::in_force(stored.map(|stored| stored.value), ctx.batch_window()).auto_on_publish {
            return Ok(());
        }
        let recipients = Recipients::EntitledTo(changes.iter().map(|change| change.product_id.clone()).collect());
        let order = Order { demand: Demand::IfChanged, base_url: &last.base_url, generation_id: None };
        let id = GenerationId::of(last.event_id.as_str());
        fan_out(ctx, &id, &recipients, &Selection::EveryStream, &order, last.at).await.map(|_| ())
    }
}
