//! Many writers at one row: each starts over until it gets through, with jitter between the tries.

use std::time::Duration;

use slipway_domain::{Code, Error, Result};
use tokio::time::{Instant, sleep};

/// How long a request tries: less than a function has time.
const PATIENCE: Duration = Duration::from_secs(8);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// The patience of one request: asked each time another writer came in between.
pub struct Retry {
    end: Instant,
    pause: Duration,
}

impl Retry {
    /// The patience of a request that begins now.
    #[must_use]
    pub fn new() -> Self {
        Self { end: Instant::now() + PATIENCE, pause: FIRST_PAUSE }
    }

    /// Another writer came in between: waits a while before the caller reads again and tries again.
    ///
    /// # Errors
    /// `contention` when time is up. Nothing was changed then.
    pub async fn backoff(&mut self) -> Result<()> {
        if Instant::now() >= self.end {
            return Err(Error::new(
                Code::Contention,
                "too many writers at once; nothing was changed, try again",
            ));
        }
        sleep(jitter(self.pause)?).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self::new()
    }
}

/// Somewhere between nothing and `pause` ("full jitter").
#[expect(clippy::disallowed_methods, reason = "randomness that no result depends on")]
fn jitter(pause: Duration) -> Result<Duration> {
    let random = getrandom::u32().map_err(Error::internal)?;
    Ok(pause.mul_f64(f64::from(random) / f64::from(u32::MAX)))
}
