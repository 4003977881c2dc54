//! Finishing an upload, triggered by upload-complete, by S3's event, or by the message of the step
//! before. All may occur repeatedly, concurrently and in any order; the first result is final.

use std::ops::ControlFlow;

use slipway_catalog::{AuditContext, Stored, Writer};
use slipway_domain::upload::{Upload, UploadFailure, UploadStatus, VerificationResult};
use slipway_domain::{Code, Error, Result};
use slipway_edge::clock::Clock;
use slipway_edge::{CapabilitySet, Ctx, Deadline};
use slipway_storage::{CopyOutcome, UploadVerifier, UploadedObject, Verification};

use crate::step::RecordedStep;

/// How often the object may be replaced during one run. A client that keeps overwriting its upload
/// gets an error instead of an endless run.
const MAX_REPLACEMENTS: usize = 5;

/// How much work one run may do. Its invocation's deadline ends it in any case.
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
    /// The bytes have arrived, and a later run has to go on with them.
    Verifying(Stored<Upload>),
    /// Another run is at work on the bytes, and has got at least as far.
    Overtaken(Stored<Upload>),
    /// The upload has a final status.
    Ended(Stored<Upload>),
}

/// Takes an upload that was just read as far as `budget` allows.
pub async fn finish<P>(
    ctx: &Ctx<P>,
    mut upload: Stored<Upload>,
    budget: VerificationBudget,
) -> Result<FinishOutcome>
where
    P: CapabilitySet<Catalog = Writer, Storage = UploadVerifier>,
{
    let run = UploadFinisher {
        catalog: ctx.catalog(),
        storage: ctx.storage(),
        audit: ctx.audit()?,
        clock: ctx.clock(),
        deadline: ctx.deadline(),
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

struct UploadFinisher<'a> {
    catalog: &'a Writer,
    storage: &'a UploadVerifier,
    audit: AuditContext,
    clock: &'a Clock,
    deadline: &'a Deadline,
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
        if !self.takes_too_long(&upload.value, &uploaded_object) {
            return self.verify(self.step(upload), &uploaded_object).await;
        }
        let mut step = self.step(upload);
        if step.upload.value.status == UploadStatus::Pending {
            step.begin().await?;
        }
        Ok(ControlFlow::Break(step.outcome()))
    }

    fn step(&self, upload: Stored<Upload>) -> RecordedStep<'_> {
        RecordedStep::new(self.catalog, self.clock, self.deadline, upload)
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

    async fn verify(
        &self,
        mut step: RecordedStep<'_>,
        uploaded_object: &UploadedObject,
    ) -> Result<ControlFlow<FinishOutcome>> {
        let upload = step.upload.value.clone();
        match self.storage.verify(&upload, uploaded_object, &mut step).await? {
            Verification::SourceChanged => Ok(ControlFlow::Continue(())),
            Verification::Paused => Ok(ControlFlow::Break(step.outcome())),
            Verification::Concluded(VerificationResult::Match) => {
                self.keep(step, uploaded_object).await
            }
            Verification::Concluded(VerificationResult::Mismatch(failure)) => {
                self.fail(step.upload, failure).await
            }
        }
    }

    /// Copies verified bytes to where they are served from.
    async fn keep(
        &self,
        mut step: RecordedStep<'_>,
        uploaded_object: &UploadedObject,
    ) -> Result<ControlFlow<FinishOutcome>> {
        let upload = step.upload.value.clone();
        match self.storage.copy_verified(&upload, uploaded_object, &mut step).await? {
            CopyOutcome::SourceChanged => Ok(ControlFlow::Continue(())),
            CopyOutcome::Paused => Ok(ControlFlow::Break(step.outcome())),
            CopyOutcome::Copied => Ok(ControlFlow::Break(FinishOutcome::Ended(
                self.catalog.complete_upload(step.upload, &self.audit).await?,
            ))),
        }
    }

    async fn fail(
        &self,
        upload: Stored<Upload>,
        failure: UploadFailure,
    ) -> Result<ControlFlow<FinishOutcome>> {
        // Of bytes that the object had before.
        self.storage.sweeper().abandon_copy(&upload.value).await?;
        let ended = self.catalog.fail_upload(upload, failure, &self.audit).await?;
        self.storage.uploads().delete_object(&ended.value.upload_id).await?;
        Ok(ControlFlow::Break(FinishOutcome::Ended(ended)))
    }
}
