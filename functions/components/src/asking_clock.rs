//! When a registry was asked.

use slipway_domain::Timestamp;
use slipway_edge::clock::Clock;
use tokio::time::Instant;

/// The time of an operation that asks for seconds, which the time of its request is not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AskingClock {
    started_at: Timestamp,
    start: Instant,
}

impl AskingClock {
    /// The clock of an operation that begins to ask now.
    pub(crate) fn start(clock: &Clock) -> Self {
        Self { started_at: clock.now(), start: Instant::now() }
    }

    /// What time it was at `instant`: never before the start, in whole milliseconds.
    pub(crate) fn at(self, instant: Instant) -> Timestamp {
        let elapsed = instant.saturating_duration_since(self.start).as_millis();
        let elapsed = i64::try_from(elapsed).unwrap_or(i64::MAX);
        let at = self.started_at.as_millisecond().saturating_add(elapsed);
        Timestamp::from_millisecond(at).unwrap_or(self.started_at)
    }
}
