//! How an upload ends, whoever asks for it: the client's `complete`, or S3's event. Both may ask
//! any number of times, in any order, at the same time; the first verdict stands.

use std::ops::ControlFlow;

use slipway_catalog::{AuditContext, Stored, Writer};
use slipway_domain::upload::{HashCheckpoint, Upload, UploadStatus, VerificationResult};
use slipway_domain::{Code, Error, Result};
use slipway_edge::Ctx;
use slipway_edge::capabilities::Verify;
use slipway_storage::{self as storage, KeepOutcome, UploadVerifier, UploadedObject};

/// How often another object may take the place of the one that is being verified, in one run.
/// Whoever overwrites his upload all the time gets an error, not a function that never ends.
const MAX_REPLACEMENTS: usize = 5;

/// How far an upload may be taken in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerificationBudget {
    /// Only what takes moments: bytes whose digest S3 knows, or few enough to be hashed while a
    /// client waits.
    AtMost {
        /// The most bytes to be read.
        read: u64,
        /// The most bytes to be copied inside storage.
        copied: u64,
    },
    /// Whatever it takes.
    Unlimited,
}

/// Where an upload has got to.
#[derive(Debug, Clone, PartialEq)]
pub enum FinishOutcome {
    /// Nothing has arrived, and nothing was changed.
    Waiting(Stored<Upload>),
    /// Its bytes are there; the job is hashing them.
    Verifying(Stored<Upload>),
    /// It has ended: as an artifact or not.
    Ended(Stored<Upload>),
}

/// Takes an upload, as it was just read, as far as it goes.
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
        upload = ctx.catalog().upload(&id).await?;
    }
    Err(Error::new(
        Code::Contention,
        format!(
            "the bytes of {id} are being replaced all the time; stop writing, then complete it"
        ),
    ))
}

/// Keeps in the catalog how far hashing has come.
struct CheckpointRecorder<'a> {
    run: &'a UploadFinisher<'a>,
    upload: Stored<Upload>,
}

impl storage::ProgressSink for CheckpointRecorder<'_> {
    async fn note(&mut self, checkpoint: HashCheckpoint) -> Result<()> {
        self.upload =
            self.run.catalog.note_progress(&self.upload, Some(checkpoint), &self.run.audit).await?;
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
    /// Goes once through what there is to do. To be repeated where the bytes were replaced
    /// meanwhile.
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
            let noted = self
                .catalog
                .note_progress(&upload, upload.value.checkpoint.clone(), &self.audit)
                .await?;
            return Ok(ControlFlow::Break(FinishOutcome::Verifying(noted)));
        }
        self.settle(upload, &uploaded_object).await
    }

    /// Nothing is there: either nothing came yet, or somebody else has just finished the upload and
    /// tidied up.
    async fn missing(&self, upload: Stored<Upload>) -> Result<ControlFlow<FinishOutcome>> {
        let again = self.catalog.upload(&upload.value.upload_id).await?;
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
        upload.judge_size(uploaded_object.size_bytes).is_none() && uploaded_object.size_bytes > most
    }

    async fn settle(
        &self,
        upload: Stored<Upload>,
        uploaded_object: &UploadedObject,
    ) -> Result<ControlFlow<FinishOutcome>> {
        let mut recorder = CheckpointRecorder { run: self, upload };
        let verdict = self
            .storage
            .judge(&recorder.upload.value.clone(), uploaded_object, &mut recorder)
            .await?;
        let noted = recorder.upload;
        match verdict {
            None => Ok(ControlFlow::Continue(())),
            Some(VerificationResult::Mismatch(failure)) => {
                let ended = self.catalog.fail_upload(noted, failure, &self.audit).await?;
                self.storage.uploads().discard(&ended.value.upload_id).await?;
                Ok(ControlFlow::Break(FinishOutcome::Ended(ended)))
            }
            Some(VerificationResult::Verified) => {
                match self.storage.keep(&noted.value, uploaded_object).await? {
                    KeepOutcome::Gone => Ok(ControlFlow::Continue(())),
                    KeepOutcome::Served => Ok(ControlFlow::Break(FinishOutcome::Ended(
                        self.catalog.make_available(noted, &self.audit).await?,
                    ))),
                }
            }
        }
    }
}
