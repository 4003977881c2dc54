//! EventBridge looks at the clock four times a day: asks registries whether what release bundles
//! pin is still there.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use slipway_catalog::{BundlePosition, judged};
use slipway_edge::capabilities::{Entity, Registries, Writer};
use slipway_edge::{Capabilities, Ctx, InvocableJob, Job, JobInvoker, Result, Trigger};
use tokio::time::Instant;

use crate::digest_check::DigestCheck;

/// How long registries are asked in one run; Lambda ends it after five minutes.
const ASKING_TIME: Duration = Duration::from_mins(4);
/// For how long a run begins with more bundles. What is asked for then has two minutes.
const BEGINNING_TIME: Duration = Duration::from_mins(2);

/// Looks for each image that a release bundle pins, unless that is deprecated, and for the images
/// of all its platforms. A bundle whose image is gone becomes `broken`, with an audit event, and
/// `ok` once it is there again. A registry that does not answer changes nothing. What takes longer
/// than a run is gone on with in the next one, which the job starts by a message.
pub struct CheckDigests;

/// What it may touch.
pub(crate) type Check = Capabilities<Writer, (), Registries, JobInvoker<CheckDigests>>;

/// Where the job goes on: after some bundles, or at the first one, where EventBridge has started
/// it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CheckMessage {
    /// The last bundle that was looked at.
    #[serde(default)]
    after: Option<BundlePosition>,
}

impl Job for CheckDigests {
    const NAME: &'static str = "check-digests";
    const TRIGGER: Trigger = Trigger::Schedule { minutes: 360 };
    const WRITES: &[Entity] = &[Entity::ReleaseBundle];
    type Capabilities = Check;
    type Event = CheckMessage;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        let end = Instant::now() + BEGINNING_TIME;
        let (mut check, mut after) = (DigestCheck::new(ctx, ASKING_TIME), event.after);
        loop {
            after = check_some(ctx, &mut check, after).await?;
            if after.is_none() {
                return Ok(());
            }
            if Instant::now() >= end || ctx.deadline().has_passed() {
                return ctx.invoker().invoke(&CheckMessage { after }).await;
            }
        }
    }
}

impl InvocableJob for CheckDigests {
    type Message = CheckMessage;
}

/// Checks the next bundles, and tells where those after them are. A bundle of which nothing new is
/// known is not written.
async fn check_some(
    ctx: &Ctx<Check>,
    check: &mut DigestCheck<'_>,
    after: Option<BundlePosition>,
) -> Result<Option<BundlePosition>> {
    let page = ctx.catalog().bundles_in_use(after).await?;
    let checks = check.check(&page.bundles).await?;
    for bundle in &page.bundles {
        if judged(bundle, &checks).is_some() {
            ctx.catalog().record_image_checks(&bundle.id, &checks, &ctx.audit()?).await?;
        }
    }
    Ok(page.next)
}
