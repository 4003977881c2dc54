//! Verification in steps: large objects take longer than one invocation may.

use std::ops::ControlFlow;

use slipway_domain::Result;
use slipway_domain::upload::{HashCheckpoint, PartCopy};

/// One step of a verification: how long it may take, and where its progress is recorded, so that
/// another step can go on. `Break` says that it need not go on, because somebody else has got at
/// least as far.
pub trait VerificationStep: Send + Sync {
    /// Whether its time is over.
    fn is_over(&self) -> bool;

    /// Records how far hashing has got. Called every 512 MiB, at the end of a larger object, and at
    /// the end of the step.
    fn record_hashed(
        &mut self,
        checkpoint: HashCheckpoint,
    ) -> impl Future<Output = Result<ControlFlow<()>>> + Send;

    /// Records the copy in parts that is under way. Called when it begins, and when some of its
    /// parts are done.
    fn record_copying(
        &mut self,
        copy: PartCopy,
    ) -> impl Future<Output = Result<ControlFlow<()>>> + Send;
}
