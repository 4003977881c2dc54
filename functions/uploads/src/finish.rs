//! How an upload ends, whoever asks for it: the client's `complete`, or S3's event. Both may ask any number of times, in any
//! order, at the same time; the first verdict stands.

use std::ops::ControlFlow;

use slipway_catalog::{Deed, Stored, Writer};
use slipway_domain::upload::{Checkpoint, Upload, UploadStatus, Verdict};
use slipway_domain::{Code, Error, Result};
use slipway_edge::Ctx;
use slipway_edge::power::Verify;
use slipway_storage::{self as storage, Arrival, Kept, Verification};

/// How often another object may take the place of the one that is being verified, in one run. Whoever overwrites his upload
/// all the time gets an error, not a function that never ends.
const MAX_REPLACEMENTS: usize = 5;

/// How far an upload may be taken in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patience {
    /// Only what takes moments: bytes whose digest S3 knows, or few enough to be hashed while a client waits.
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
pub enum Progress {
    /// Nothing has arrived, and nothing was changed.
    Waiting(Stored<Upload>),
    /// Its bytes are there; the job is hashing them.
    Verifying(Stored<Upload>),
    /// It has ended: as an artifact or not.
    Ended(Stored<Upload>),
}

/// Takes an upload, as it was just read, as far as it goes.
pub async fn finish(ctx: &Ctx<Verify>, mut upload: Stored<Upload>, patience: Patience) -> Result<Progress> {
    let run = Run { catalog: ctx.catalog(), storage: ctx.storage(), deed: ctx.deed()?, patience };
    let id = upload.value.upload_id.clone();
    for _ in 0..MAX_REPLACEMENTS {
        if let ControlFlow::Break(progress) = run.attempt(upload).await? {
            return Ok(progress);
        }
        upload = ctx.catalog().upload(&id).await?;
    }
    Err(Error::new(Code::Contention, format!("the bytes of {id} are being replaced all the time; stop writing, then complete it")))
}

/// Keeps in the catalog how far hashing has come.
struct Notebook<'a> {
    run: &'a Run<'a>,
    upload: Stored<Upload>,
}

impl storage::Progress for Notebook<'_> {
    async fn note(&mut self, checkpoint: Checkpoint) -> Result<()> {
        self.upload = self.run.catalog.note_progress(&self.upload, Some(checkpoint), &self.run.deed).await?;
        Ok(())
    }
}

struct Run<'a> {
    catalog: &'a Writer,
    storage: &'a Verification,
    deed: Deed,
    patience: Patience,
}

impl Run<'_> {
    /// Goes once through what there is to do. To be repeated where the bytes were replaced meanwhile.
    async fn attempt(&self, upload: Stored<Upload>) -> Result<ControlFlow<Progress>> {
        if !upload.value.is_open() {
            return Ok(ControlFlow::Break(Progress::Ended(upload)));
        }
        let Some(arrival) = self.storage.arrival(&upload.value).await? else { return self.missing(upload).await };
        if self.takes_too_long(&upload.value, &arrival) {
            if upload.value.status == UploadStatus::Verifying {
                return Ok(ControlFlow::Break(Progress::Verifying(upload)));
            }
            let noted = self.catalog.note_progress(&upload, upload.value.checkpoint.clone(), &self.deed).await?;
            return Ok(ControlFlow::Break(Progress::Verifying(noted)));
        }
        self.settle(upload, &arrival).await
    }

    /// Nothing is there: either nothing came yet, or somebody else has just finished the upload and tidied up.
    async fn missing(&self, upload: Stored<Upload>) -> Result<ControlFlow<Progress>> {
        let again = self.catalog.upload(&upload.value.upload_id).await?;
        let progress = if again.value.is_open() { Progress::Waiting(again) } else { Progress::Ended(again) };
        Ok(ControlFlow::Break(progress))
    }

    fn takes_too_long(&self, upload: &Upload, arrival: &Arrival) -> bool {
        let Patience::AtMost { read, copied } = self.patience else { return false };
        let most = if arrival.sha256.is_some() { copied } else { read };
        upload.judge_size(arrival.size_bytes).is_none() && arrival.size_bytes > most
    }

    async fn settle(&self, upload: Stored<Upload>, arrival: &Arrival) -> Result<ControlFlow<Progress>> {
        let mut notebook = Notebook { run: self, upload };
        let verdict = self.storage.judge(&notebook.upload.value.clone(), arrival, &mut notebook).await?;
        let noted = notebook.upload;
        match verdict {
            None => Ok(ControlFlow::Continue(())),
            Some(Verdict::Mismatch(failure)) => {
                let ended = self.catalog.fail_upload(noted, failure, &self.deed).await?;
                self.storage.intake().discard(&ended.value.upload_id).await?;
                Ok(ControlFlow::Break(Progress::Ended(ended)))
            }
            Some(Verdict::Genuine) => match self.storage.keep(&noted.value, arrival).await? {
                Kept::Gone => Ok(ControlFlow::Continue(())),
                Kept::Served => Ok(ControlFlow::Break(Progress::Ended(self.catalog.make_available(noted, &self.deed).await?))),
            },
        }
    }
}
