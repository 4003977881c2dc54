//! The table's stream says that clients have reported: halts the releases whose rule is met.

use slipway_catalog::{HaltCheck, StreamEvent};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::dispatch::REPORTED_RELEASES;
use slipway_edge::{Capabilities, Ctx, Job, Result, Trigger};

/// Pauses the rollout of each release on which too many of its clients report a failure. What is
/// paused or revoked stays as it is.
pub struct HaltReleases;

impl Job for HaltReleases {
    const NAME: &'static str = REPORTED_RELEASES.job;
    const TRIGGER: Trigger = Trigger::RowsDispatched(&REPORTED_RELEASES);
    const WRITES: &[Entity] = &[Entity::Release];
    type Capabilities = Capabilities<Writer>;
    type Event = StreamEvent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        // What fails is delivered again; a release that is halted is not halted twice.
        for release in HaltCheck::releases(event.entities()?) {
            ctx.catalog().halt_release(&release, &ctx.audit()?).await?;
        }
        Ok(())
    }
}
