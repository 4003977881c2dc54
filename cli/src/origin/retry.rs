//! Trying again what the network has spoilt.

use std::time::Duration;

use tokio::time::sleep;

use crate::error::{CliError, Result};

/// How often the network may fail in a row.
const FAULTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// The patience of one download or document.
#[derive(Debug, Default)]
pub struct RetryPolicy {
    faults: u32,
}

impl RetryPolicy {
    /// Bytes have come: the faults before them do not count.
    pub fn renew(&mut self) {
        self.faults = 0;
    }

    /// Waits before the next try, longer each time.
    ///
    /// # Errors
    /// `failure`, where it is a refusal, or one fault too many.
    pub async fn bear(&mut self, failure: CliError) -> Result<()> {
        if !failure.is_transient() || self.faults == FAULTS {
            return Err(failure);
        }
        sleep(FIRST_PAUSE * 2_u32.pow(self.faults)).await;
        self.faults += 1;
        Ok(())
    }
}
