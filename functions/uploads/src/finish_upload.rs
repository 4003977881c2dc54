//! S3 has stored an object under `incoming/`: verifies it and makes an artifact of it.

use crate::finish::{FinishOutcome, VerificationBudget, Verify, finish};
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use slipway_domain::{Code, Error, UploadId};
use slipway_edge::capabilities::Entity;
use slipway_edge::{Ctx, FunctionSize, Job, Result, Trigger};
use slipway_storage::{INCOMING, upload_of};

/// Verifies uploads without a request of the client, and deletes objects under `incoming/` that
/// belong to a final upload: the original of an artifact, or bytes sent to an old upload URL.
pub struct FinishUpload;

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
    type Capabilities = Verify;
    type Event = S3Event;

    async fn handle(ctx: &Ctx<Self::Capabilities>, event: Self::Event) -> Result<()> {
        for record in event.records {
            // S3 url-encodes keys in events. Whatever is no upload's key was put there by an
            // operator, and stays.
            if let Some(upload) = decoded(&record.s3.object.key).and_then(|key| upload_of(&key)) {
                finish_and_tidy(ctx, &upload).await?;
            }
        }
        Ok(())
    }
}

async fn finish_and_tidy(ctx: &Ctx<Verify>, id: &UploadId) -> Result<()> {
    let upload = match ctx.catalog().get_upload(id).await {
        Ok(upload) => upload,
        // The row is deleted a month after the end of its URLs: nobody waits for these bytes.
        Err(error) if error.code() == Code::NotFound => {
            return ctx.storage().uploads().delete_object(id).await;
        }
        Err(error) => return Err(error),
    };
    match finish(ctx, upload, VerificationBudget::Unlimited).await? {
        FinishOutcome::Ended(_) => ctx.storage().uploads().delete_object(id).await,
        // The object was deleted before its event came.
        FinishOutcome::Waiting(_) => Ok(()),
        FinishOutcome::Verifying(_) => Err(Error::internal(format!("{id} was left half verified"))),
    }
}

fn decoded(key: &str) -> Option<String> {
    Some(percent_decode_str(&key.replace('+', " ")).decode_utf8().ok()?.into_owned())
}
