//! The table's stream says that clients have reported: halts the releases whose rule is met.

use slipway_catalog::{HALT_CHECKS, HaltCheck, StreamEvent};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{BatchMode, Capabilities, Ctx, Job, Result, Trigger};

/// Pauses the rollout of each release on which too many of its clients report a failure. What is
/// paused or revoked stays as it is.
pub struct HaltReleases;

impl Job for HaltReleases {
    const NAME: &'static str = "halt-releases";
    const TRIGGER: Trigger =
        Trigger::RowsInserted { prefix: HALT_CHECKS, delivery: BatchMode::Seconds(10) };
    const WRITES: &[Entity] = &[Entity::Release];
    type Capabilities = Capabilities<Writer>;
    type Event = StreamEvent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        // What fails is delivered again, in halves; a release that is halted is not halted twice.
        for release in HaltCheck::releases(event.entities()?) {
            ctx.catalog().halt_release(&release, &ctx.audit()?).await?;
        }
        Ok(())
    }
}
