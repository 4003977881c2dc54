//! A clock that tests can turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use slipway_edge::clock::Clock;

/// The hands of a clock: it runs as the system's does, ahead by what it was turned.
#[derive(Debug, Clone, Default)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// The clock.
    pub fn clock(&self) -> Clock {
        let ahead = Arc::clone(&self.0);
        Clock::new(move || {
            Timestamp::now() + SignedDuration::from_millis(ahead.load(Ordering::SeqCst))
        })
    }

    /// Turns the clock ahead.
    pub fn turn(&self, by: SignedDuration) {
        self.0.fetch_add(
            i64::try_from(by.as_millis()).expect("some years at most"),
            Ordering::SeqCst,
        );
    }
}
