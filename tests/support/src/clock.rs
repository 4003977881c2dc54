//! A clock that tests can set ahead.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use slipway_edge::clock::Clock;

/// A clock that runs as the system's does, ahead of it by what a test has advanced it.
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

    /// Sets the clock ahead.
    pub fn advance(&self, by: SignedDuration) {
        self.0.fetch_add(
            i64::try_from(by.as_millis()).expect("some years at most"),
            Ordering::SeqCst,
        );
    }
}
