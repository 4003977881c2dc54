//! After a response: storing which decisions were counted, and whom they offered releases.

use slipway_edge::capabilities::{AdoptionRecorder, Entity};
use slipway_edge::{AfterResponse, Capabilities, Ctx, Result};

/// Stores what the instance has counted, once a minute at the most.
pub(crate) struct RecordAdoption;

impl AfterResponse for RecordAdoption {
    const NAME: &'static str = "record-adoption";
    const WRITES: &'static [Entity] = &[Entity::Adoption];
    type Capabilities = Capabilities<AdoptionRecorder>;

    async fn run(ctx: &Ctx<Self::Capabilities>) -> Result<()> {
        ctx.catalog().record_due(ctx.now()).await
    }
}
