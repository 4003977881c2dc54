//! One step of an upload's verification, whose progress is recorded in the catalog.

use std::ops::ControlFlow;

use slipway_catalog::{ProgressRecord, Stored, Writer};
use slipway_domain::Result;
use slipway_domain::upload::{HashCheckpoint, PartCopy, Upload, VerificationProgress};
use slipway_edge::Deadline;
use slipway_edge::clock::Clock;
use slipway_storage::VerificationStep;

use crate::finish::FinishOutcome;

/// A step, which is over when the deadline of its invocation has passed.
pub(crate) struct RecordedStep<'a> {
    catalog: &'a Writer,
    clock: &'a Clock,
    deadline: &'a Deadline,
    overtaken: bool,
    /// The upload, as it was recorded last.
    pub(crate) upload: Stored<Upload>,
}

impl<'a> RecordedStep<'a> {
    /// A step that goes on with `upload`.
    pub(crate) fn new(
        catalog: &'a Writer,
        clock: &'a Clock,
        deadline: &'a Deadline,
        upload: Stored<Upload>,
    ) -> Self {
        Self { catalog, clock, deadline, overtaken: false, upload }
    }

    /// Records that the bytes are there, and nothing else.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        self.record(self.upload.value.progress.clone()).await.map(drop)
    }

    /// What it has come to, if it has not ended the upload itself.
    pub(crate) fn outcome(self) -> FinishOutcome {
        if !self.upload.value.is_open() {
            FinishOutcome::Ended(self.upload)
        } else if self.overtaken {
            FinishOutcome::Overtaken(self.upload)
        } else {
            FinishOutcome::Verifying(self.upload)
        }
    }

    async fn record(&mut self, progress: VerificationProgress) -> Result<ControlFlow<()>> {
        let progress = VerificationProgress { recorded_at: Some(self.clock.now()), ..progress };
        let (upload, overtaken) =
            match self.catalog.record_upload_progress(&self.upload, progress).await? {
                ProgressRecord::Recorded(upload) => (upload, false),
                ProgressRecord::Overtaken(upload) => (upload, true),
            };
        (self.upload, self.overtaken) = (upload, overtaken);
        Ok(if overtaken { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

impl VerificationStep for RecordedStep<'_> {
    fn is_over(&self) -> bool {
        self.deadline.has_passed()
    }

    async fn record_hashed(&mut self, checkpoint: HashCheckpoint) -> Result<ControlFlow<()>> {
        let progress = self.upload.value.progress.clone();
        self.record(VerificationProgress { checkpoint: Some(checkpoint), ..progress }).await
    }

    async fn record_copying(&mut self, copy: PartCopy) -> Result<ControlFlow<()>> {
        let progress = self.upload.value.progress.clone();
        self.record(VerificationProgress { copy: Some(copy), ..progress }).await
    }
}
