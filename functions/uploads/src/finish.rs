//! Finishing an upload, triggered by upload-complete or by S3's event. Both may occur repeatedly,
//! concurrently and in any order; the first result is final.

use std::ops::ControlFlow;

use slipway_catalog::{AuditContext, Stored, Writer};
use slipway_domain::upload::{HashCheckpoint, Upload, UploadStatus, VerificationResult};
use slipway_domain::{Code, Error, Result};
use slipway_edge::{Capabilities, Ctx};
use slipway_storage::{self as storage, CopyOutcome, UploadVerifier, UploadedObject};

/// What verifying uploads may touch.
pub type Verify = Capabilities<Writer, UploadVerifier>;

/// How often the object may be replaced during one run. A client that keeps overwriting its upload
/// gets an error instead of an endless run.
const MAX_REPLACEMENTS: usize = 5;

/// How much work one run may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationBudget {
    /// Only quick work: bytes whose digest S3 knows, or few enough to hash while a client waits.
    AtMost {
        /// Limit of bytes to read.
        read: u64,
        /// Limit of bytes to copy inside S3.
        copied: u64,
    },
    /// No limit.
    Unlimited,
}

/// Outcome of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum FinishOutcome {
    /// No bytes have arrived; nothing was changed.
    Waiting(Stored<Upload>),
    /// The bytes have arrived; the job is hashing them.
    Verifying(Stored<Upload>),
    /// The upload has a final status.
    Ended(Stored<Upload>),
}

/// Takes an upload that was just read as far as `budget` allows.
pub async fn finish(
    ctx: &Ctx<Verify>,
    mut upload: Stored<Upload>,
    budget: VerificationBudget,
) -> Result<FinishOutcome> {
    let run = UploadFinisher {
        catalog: ctx.catalog(),
        storage: ctx.storage(),
        audit: ctx.audit()?,
        budget,
    };
    let id = upload.value.upload_id.clone();
    for _ in 0..MAX_REPLACEMENTS {
        if let ControlFlow::Break(progress) = run.attempt(upload).await? {
            return Ok(progress);
        }
        upload = ctx.catalog().get_upload(&id).await?;
    }
    Err(Error::new(
        Code::Contention,
        format!(
            "the bytes of {id} are being replaced all the time; stop writing, then complete it"
        ),
    ))
}

/// Stores the checkpoints of hashing in the catalog.
struct CheckpointRecorder<'a> {
    run: &'a UploadFinisher<'a>,
    upload: Stored<Upload>,
}

impl storage::ProgressSink for CheckpointRecorder<'_> {
    async fn note(&mut self, checkpoint: HashCheckpoint) -> Result<()> {
        self.upload =
            self.run.catalog.record_upload_progress(&self.upload, Some(checkpoint)).await?;
        Ok(())
    }
}

struct UploadFinisher<'a> {
    catalog: &'a Writer,
    storage: &'a UploadVerifier,
    audit: AuditContext,
    budget: VerificationBudget,
}

impl UploadFinisher<'_> {
    /// One pass. To be repeated if the object was replaced meanwhile.
    async fn attempt(&self, upload: Stored<Upload>) -> Result<ControlFlow<FinishOutcome>> {
        if !upload.value.is_open() {
            return Ok(ControlFlow::Break(FinishOutcome::Ended(upload)));
        }
        let Some(uploaded_object) = self.storage.uploaded_object(&upload.value).await? else {
            return self.missing(upload).await;
        };
        if self.takes_too_long(&upload.value, &uploaded_object) {
            if upload.value.status == UploadStatus::Verifying {
                return Ok(ControlFlow::Break(FinishOutcome::Verifying(upload)));
            }
            let recorded = self
                .catalog
                .record_upload_progress(&upload, upload.value.checkpoint.clone())
                .await?;
            return Ok(ControlFlow::Break(FinishOutcome::Verifying(recorded)));
        }
        self.conclude(upload, &uploaded_object).await
    }

    /// No object is there: either nothing has arrived yet, or a concurrent run has finished the
    /// upload and deleted the object.
    async fn missing(&self, upload: Stored<Upload>) -> Result<ControlFlow<FinishOutcome>> {
        let again = self.catalog.get_upload(&upload.value.upload_id).await?;
        let progress = if again.value.is_open() {
            FinishOutcome::Waiting(again)
        } else {
            FinishOutcome::Ended(again)
        };
        Ok(ControlFlow::Break(progress))
    }

    fn takes_too_long(&self, upload: &Upload, uploaded_object: &UploadedObject) -> bool {
        let VerificationBudget::AtMost { read, copied } = self.budget else { return false };
        let most = if uploaded_object.sha256.is_some() { copied } else { read };
        upload.compare_size(uploaded_object.size_bytes).is_none()
            && uploaded_object.size_bytes > most
    }

    async fn conclude(
        &self,
        upload: Stored<Upload>,
        uploaded_object: &UploadedObject,
    ) -> Result<ControlFlow<FinishOutcome>> {
        let mut recorder = CheckpointRecorder { run: self, upload };
        let verdict = self
            .storage
            .verify(&recorder.upload.value.clone(), uploaded_object, &mut recorder)
            .await?;
        let upload = recorder.upload;
        match verdict {
            None => Ok(ControlFlow::Continue(())),
            Some(VerificationResult::Mismatch(failure)) => {
                let ended = self.catalog.fail_upload(upload, failure, &self.audit).await?;
                self.storage.uploads().delete_object(&ended.value.upload_id).await?;
                Ok(ControlFlow::Break(FinishOutcome::Ended(ended)))
            }
            Some(VerificationResult::Match) => {
                match self.storage.copy_verified(&upload.value, uploaded_object).await? {
                    CopyOutcome::SourceChanged => Ok(ControlFlow::Continue(())),
                    CopyOutcome::Copied => Ok(ControlFlow::Break(FinishOutcome::Ended(
                        self.catalog.complete_upload(upload, &self.audit).await?,
                    ))),
                }
            }
        }
    }
}
