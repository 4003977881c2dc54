//! EventBridge looks at the clock every half an hour: goes on with uploads whose verification rests,
//! and ends those that rest for too long.

use serde::de::IgnoredAny;
use slipway_domain::UploadId;
use slipway_domain::upload::{RESUMED_AFTER, Upload};
use slipway_edge::capabilities::{Entity, UploadSweeper, Writer};
use slipway_edge::{Capabilities, Ctx, Job, JobInvoker, Result, Trigger};

use crate::finish_upload::{FinishUpload, UploadMessage};

/// Uploads per read.
const PAGE: usize = 100;

/// Goes on with uploads whose verification has made no progress for half an hour: a message was
/// lost, or Lambda has given the job up while S3 was out of reach. An upload that has made none for a
/// day fails, and says why.
pub struct SweepUploads;

/// What sweeping uploads may touch.
type Sweep = Capabilities<Writer, UploadSweeper, (), JobInvoker<FinishUpload>>;

impl Job for SweepUploads {
    const NAME: &'static str = "sweep-uploads";
    const TRIGGER: Trigger = Trigger::Schedule { minutes: 30 };
    const WRITES: &[Entity] = &[Entity::Upload];
    type Capabilities = Sweep;
    type Event = IgnoredAny;

    async fn handle(ctx: &Ctx<Self::Capabilities>, _: Self::Event) -> Result<()> {
        let before = ctx.now().saturating_sub(RESUMED_AFTER).unwrap_or(ctx.now());
        let (mut start, mut outcome) = (None, Ok(()));
        loop {
            let page = ctx.catalog().list_resting_uploads(before, PAGE, start).await?;
            for upload in page.items {
                // One that can't be gone on with stands in nobody's way.
                outcome = resume_or_fail(ctx, upload).await.and(outcome);
            }
            start = page.next;
            // What is left is for the next time.
            if start.is_none() || ctx.deadline().has_passed() {
                return outcome;
            }
        }
    }
}

async fn resume_or_fail(ctx: &Ctx<Sweep>, upload: Upload) -> Result<()> {
    if upload.stalled_at(ctx.now()).is_some() {
        return fail_stalled(ctx, &upload.upload_id).await;
    }
    ctx.invoker().invoke(&UploadMessage { upload_id: upload.upload_id }).await
}

/// Ends an upload, if it is still stalled: the index is behind the table for a moment.
async fn fail_stalled(ctx: &Ctx<Sweep>, id: &UploadId) -> Result<()> {
    let upload = ctx.catalog().get_upload(id).await?;
    let failure = upload.value.stalled_at(ctx.now()).filter(|_| upload.value.is_open());
    let Some(failure) = failure else { return Ok(()) };
    ctx.storage().abandon_copy(&upload.value).await?;
    let ended = ctx.catalog().fail_stalled_upload(upload, failure, &ctx.audit()?).await?;
    if ended.value.is_open() { Ok(()) } else { ctx.storage().delete_object(id).await }
}
