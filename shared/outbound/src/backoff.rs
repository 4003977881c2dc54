//! Trying again what the network has spoilt.

use std::time::Duration;

use tokio::time::sleep;

/// A failure that may pass.
pub trait Transient {
    /// Whether the same request may succeed later: a fault of the network, and no refusal.
    fn is_transient(&self) -> bool;
}

/// Attempts with growing pauses: each pause is twice as long as the one before.
#[derive(Debug, Clone)]
pub struct Backoff {
    attempts: u32,
    first_pause: Duration,
    faults: u32,
}

impl Backoff {
    /// For `attempts` in a row, of which the second one comes after `first_pause`.
    #[must_use]
    pub fn new(attempts: u32, first_pause: Duration) -> Self {
        Self { attempts, first_pause, faults: 0 }
    }

    /// Progress was made: the faults before it do not count.
    pub fn reset(&mut self) {
        self.faults = 0;
    }

    /// Waits before the next attempt.
    ///
    /// # Errors
    /// `error`, where it is not transient, or the attempts are used up.
    pub async fn pause<E: Transient>(&mut self, error: E) -> Result<(), E> {
        if !error.is_transient() || self.faults + 1 >= self.attempts {
            return Err(error);
        }
        sleep(self.first_pause.saturating_mul(2_u32.saturating_pow(self.faults))).await;
        self.faults += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq)]
    struct Fault(bool);

    impl Transient for Fault {
        fn is_transient(&self) -> bool {
            self.0
        }
    }

    #[tokio::test]
    async fn attempts_end_and_begin_anew_after_progress() {
        let mut backoff = Backoff::new(3, Duration::from_millis(1));
        assert_eq!(backoff.pause(Fault(true)).await, Ok(()));
        assert_eq!(backoff.pause(Fault(true)).await, Ok(()));
        assert_eq!(backoff.pause(Fault(true)).await, Err(Fault(true)));
        backoff.reset();
        assert_eq!(backoff.pause(Fault(true)).await, Ok(()));
    }

    #[tokio::test]
    async fn a_refusal_is_not_tried_again() {
        let mut backoff = Backoff::new(3, Duration::from_millis(1));
        assert_eq!(backoff.pause(Fault(false)).await, Err(Fault(false)));
    }
}
