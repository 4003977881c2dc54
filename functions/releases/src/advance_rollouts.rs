//! EventBridge looks at the clock once a minute: makes the steps of rollouts that are due.

use serde::de::IgnoredAny;
use slipway_catalog::DueRollout;
use slipway_domain::Error;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Job, Result, Trigger};

/// Rollouts per read.
const PAGE: usize = 100;

/// Moves each release whose rollout has a step due to the share that is due now. Steps that were
/// missed are made up for with one change. A run with nothing to do costs one request.
pub struct AdvanceRollouts;

impl Job for AdvanceRollouts {
    const NAME: &'static str = "advance-rollouts";
    const TRIGGER: Trigger = Trigger::Schedule { minutes: 1 };
    const WRITES: &[Entity] = &[Entity::Release];
    type Capabilities = Capabilities<Writer>;
    type Event = IgnoredAny;

    async fn handle(ctx: &Ctx<Self::Capabilities>, _: Self::Event) -> Result<()> {
        let (mut start, mut failures) = (None, Vec::new());
        loop {
            let page = ctx.catalog().list_due_rollouts(ctx.now(), PAGE, start).await?;
            for due in page.items {
                // One that can't be moved on stands in nobody's way.
                if let Err(error) = advance(ctx, &due).await {
                    failures.push(format!("{}: {error:?}", due.release_id));
                }
                if ctx.deadline().has_passed() {
                    return outcome(&failures);
                }
            }
            start = page.next;
            // What is left is for the next minute.
            if start.is_none() {
                return outcome(&failures);
            }
        }
    }
}

async fn advance(ctx: &Ctx<Capabilities<Writer>>, due: &DueRollout) -> Result<()> {
    ctx.catalog().advance_rollout(due, &ctx.audit()?).await
}

/// Fails with what could not be done, for the log.
fn outcome(failures: &[String]) -> Result<()> {
    let [first, ..] = failures else { return Ok(()) };
    let count = failures.len();
    Err(Error::internal(format!("rollouts that were not moved on: {count}; the first: {first}")))
}
