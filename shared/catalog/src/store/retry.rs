//! Many writers at one row: each begins anew until it gets through, with jitter between attempts.

use std::time::Duration;

use slipway_domain::{Code, Error, Result};
use tokio::time::{Instant, sleep};

/// How long a request tries: less than a function has time.
const BUDGET: Duration = Duration::from_secs(8);
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Makes attempts until one tells how it ended. `None` says that another writer came in between:
/// the next attempt, after a pause, has to read again what it rests on.
///
/// # Errors
/// What an attempt fails with; `contention` after 8 seconds. Nothing was changed then.
pub async fn retry_contention<T, F>(mut attempt: impl FnMut() -> F) -> Result<T>
where
    F: Future<Output = Result<Option<T>>>,
{
    let mut retry = Retry::begin();
    loop {
        if let Some(outcome) = attempt().await? {
            return Ok(outcome);
        }
        retry.backoff().await?;
    }
}

/// The attempts of one request: exponential backoff with full jitter, up to [`BUDGET`].
struct Retry {
    end: Instant,
    pause: Duration,
}

impl Retry {
    fn begin() -> Self {
        Self { end: Instant::now() + BUDGET, pause: FIRST_PAUSE }
    }

    async fn backoff(&mut self) -> Result<()> {
        if Instant::now() >= self.end {
            return Err(Error::new(
                Code::Contention,
                "too many writers at once; nothing was changed, try again",
            ));
        }
        sleep(full_jitter(self.pause)?).await;
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Ok(())
    }
}

/// Somewhere between nothing and `pause`.
#[expect(clippy::disallowed_methods, reason = "randomness that no result depends on")]
fn full_jitter(pause: Duration) -> Result<Duration> {
    let random = getrandom::u32().map_err(Error::internal)?;
    Ok(pause.mul_f64(f64::from(random) / f64::from(u32::MAX)))
}
