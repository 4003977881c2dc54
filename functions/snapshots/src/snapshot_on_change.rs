//! The stream brings changes, collected for the batch window: has snapshots made for whom they
//! concern.

use crate::fan_out::{Recipients, fan_out};
use slipway_catalog::{CHANGES, StreamEvent};
use slipway_domain::GenerationId;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Job, Result, Trigger};
use slipway_snapshot::{CatalogChange, SnapshotConfig, WorkItem};

/// Triggers a generation when releases are published or revoked: one per tenant that is entitled to
/// one of the products, however many changes the batch window has collected.
pub struct SnapshotOnChange;

impl Job for SnapshotOnChange {
    const NAME: &'static str = "snapshot-on-change";
    const TRIGGER: Trigger = Trigger::RowsInserted { prefix: CHANGES };
    const WRITES: &[Entity] = &[Entity::WorkItem];
    type Capabilities = Capabilities<Writer>;
    type Event = StreamEvent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        let mut changes = event.entities::<CatalogChange>()?;
        changes.retain(CatalogChange::makes_snapshots);
        let Some(last) = changes.last() else { return Ok(()) };
        let stored = ctx.catalog().find_snapshot_config().await?;
        if !SnapshotConfig::effective(stored.map(|stored| stored.value), ctx.batch_window())
            .auto_on_publish
        {
            return Ok(());
        }
        let recipients = Recipients::EntitledTo(
            changes.iter().map(|change| change.product_id.clone()).collect(),
        );
        let generation_id = GenerationId::of(last.event_id.as_str());
        fan_out(ctx, &recipients, &WorkItem::update(generation_id, last.at)).await
    }
}
