//! When an invocation has to be done.

use jiff::Timestamp;

use crate::clock::Clock;

/// What Lambda tells of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Its id.
    pub request_id: String,
    /// When Lambda ends it.
    pub ends_at: Timestamp,
}

/// The time by which an invocation has to be done: a tenth of what it has before Lambda ends it, so
/// that there is time left for recording how far it has got.
#[derive(Debug, Clone)]
pub struct Deadline {
    clock: Clock,
    at: Timestamp,
}

impl Deadline {
    /// Of an invocation that begins now and ends at `ends_at`.
    pub(crate) fn before(ends_at: Timestamp, clock: &Clock) -> Self {
        let time = ends_at.duration_since(clock.now());
        Self { clock: clock.clone(), at: ends_at.saturating_sub(time / 10).unwrap_or(ends_at) }
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.clock.now() >= self.at
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[test]
    fn a_tenth_of_the_time_is_left_when_it_passes() {
        let seconds = Arc::new(AtomicI64::new(0));
        let told = Arc::clone(&seconds);
        let clock = Clock::new(move || Timestamp::new(told.load(Ordering::Relaxed), 0).unwrap());
        let deadline = Deadline::before(Timestamp::new(900, 0).unwrap(), &clock);
        seconds.store(809, Ordering::Relaxed);
        assert!(!deadline.has_passed());
        seconds.store(810, Ordering::Relaxed);
        assert!(deadline.has_passed());
    }
}
