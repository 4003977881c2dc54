//! S3 has stored an object under `incoming/`: verifies it and makes an artifact of it, in as many
//! steps as that takes.

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use slipway_catalog::Stored;
use slipway_domain::upload::{Upload, UploadStatus, VerificationProgress};
use slipway_domain::{Code, UploadId};
use slipway_edge::capabilities::{Entity, UploadVerifier, Writer};
use slipway_edge::{
    Capabilities, Ctx, FunctionSize, InvocableJob, Job, JobInvoker, Result, Trigger,
};
use slipway_storage::{INCOMING, upload_of};

use crate::finish::{FinishOutcome, VerificationBudget, finish};

/// Verifies uploads without a request of the client, and deletes objects under `incoming/` that
/// belong to a final upload: the original of an artifact, or bytes sent to an old upload URL. A
/// large object takes several invocations: each starts the next one.
pub struct FinishUpload;

/// What finishing an upload may touch.
type Finish = Capabilities<Writer, UploadVerifier, (), JobInvoker<FinishUpload>>;

/// What starts the job.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum FinishUploadEvent {
    /// Objects have arrived.
    Arrived(S3Event),
    /// An upload has to be gone on with.
    Continue(UploadMessage),
}

/// The message that has an upload gone on with.
#[derive(Debug, Serialize, Deserialize)]
pub struct UploadMessage {
    /// Id of the upload.
    pub(crate) upload_id: UploadId,
}

impl UploadMessage {
    /// The message about the upload with this id.
    #[must_use]
    pub fn of(upload_id: &UploadId) -> Self {
        Self { upload_id: upload_id.clone() }
    }
}

/// S3's event notification (message structure 2.1), reduced to the fields that are used.
#[derive(Debug, Deserialize)]
pub struct S3Event {
    #[serde(rename = "Records")]
    records: Vec<S3EventRecord>,
}

#[derive(Debug, Deserialize)]
struct S3EventRecord {
    s3: S3Entity,
}

#[derive(Debug, Deserialize)]
struct S3Entity {
    object: S3Object,
}

#[derive(Debug, Deserialize)]
struct S3Object {
    key: String,
}

impl Job for FinishUpload {
    const NAME: &'static str = "finish-upload";
    const TRIGGER: Trigger = Trigger::ObjectCreated { prefix: INCOMING };
    const WRITES: &[Entity] = &[Entity::Artifact, Entity::Upload];
    const SIZE: FunctionSize = FunctionSize::LONGEST_JOB;
    type Capabilities = Finish;
    type Event = FinishUploadEvent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        for upload in event.uploads() {
            // On the heap: it holds all that a run awaits.
            Box::pin(finish_and_tidy(ctx, &upload)).await?;
        }
        Ok(())
    }
}

impl InvocableJob for FinishUpload {
    type Message = UploadMessage;
}

impl FinishUploadEvent {
    /// The uploads that it is about. S3 url-encodes keys in events. Whatever is no upload's key was
    /// put there by an operator, and stays.
    fn uploads(self) -> Vec<UploadId> {
        match self {
            Self::Arrived(event) => {
                let keys = event.records.into_iter().map(|record| record.s3.object.key);
                keys.filter_map(|key| upload_of(&decoded(&key)?)).collect()
            }
            Self::Continue(message) => vec![message.upload_id],
        }
    }
}

async fn finish_and_tidy(ctx: &Ctx<Finish>, id: &UploadId) -> Result<()> {
    let upload = match ctx.catalog().get_upload(id).await {
        Ok(upload) => upload,
        Err(error) if error.code() == Code::NotFound => return tidy_undeclared(ctx, id).await,
        Err(error) => return Err(error),
    };
    match finish(ctx, upload.clone(), VerificationBudget::Unlimited).await {
        Ok(FinishOutcome::Ended(_)) => ctx.storage().uploads().delete_object(id).await,
        Ok(FinishOutcome::Verifying(_)) => ctx.invoker().invoke(&UploadMessage::of(id)).await,
        // The object was deleted before its event came, or another run is at work.
        Ok(FinishOutcome::Waiting(_) | FinishOutcome::Overtaken(_)) => Ok(()),
        Err(error) => {
            leave_to_sweeper(ctx, &upload).await;
            Err(error)
        }
    }
}

/// Deletes bytes that nobody waits for: the row of their upload is deleted a month after the end of
/// its URLs. Those of an upload for a release are declared when they are registered.
async fn tidy_undeclared(ctx: &Ctx<Finish>, id: &UploadId) -> Result<()> {
    match ctx.catalog().find_release_upload(id).await? {
        Some(_) => Ok(()),
        None => ctx.storage().uploads().delete_object(id).await,
    }
}

/// Notes that the bytes of an upload are there, so that the job `sweep-uploads` goes on with it, if
/// Lambda has repeated this event in vain. Where even that fails, the queue of failures has the
/// event.
async fn leave_to_sweeper(ctx: &Ctx<Finish>, upload: &Stored<Upload>) {
    if upload.value.status == UploadStatus::Pending {
        let recorded_at = Some(ctx.clock().now());
        let progress = VerificationProgress { recorded_at, ..VerificationProgress::default() };
        drop(ctx.catalog().record_upload_progress(upload, progress).await);
    }
}

fn decoded(key: &str) -> Option<String> {
    Some(percent_decode_str(&key.replace('+', " ")).decode_utf8().ok()?.into_owned())
}
