//! When a registry is asked.

use slipway_domain::Timestamp;
use tokio::time::Instant;

/// The time in an operation that goes on for seconds, which the time of its request is not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskingClock {
    requested_at: Timestamp,
    start: Instant,
}

impl AskingClock {
    /// The clock of an operation that begins now, whose request came at this time.
    pub(crate) fn start(requested_at: Timestamp) -> Self {
        Self { requested_at, start: Instant::now() }
    }

    /// The time: never before that of the request, in whole milliseconds.
    pub(crate) fn now(self) -> Timestamp {
        let elapsed = i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX);
        let now = self.requested_at.as_millisecond().saturating_add(elapsed);
        Timestamp::from_millisecond(now).unwrap_or(self.requested_at)
    }
}
