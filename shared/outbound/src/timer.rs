//! The time limits of one request.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::error::{Error, Result};
use crate::limits::{Limits, MinThroughput};

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The head of the answer.
    Head,
    /// The next piece of its body.
    Body,
}

/// The clock of one request: how long to wait, and when it is enough.
#[derive(Debug)]
pub struct Timer {
    /// Who is waited for.
    pub host: String,
    silence: Duration,
    total: Option<(Instant, Duration)>,
    pace: Option<Pace>,
}

#[derive(Debug)]
struct Pace {
    least: MinThroughput,
    waited: Duration,
    received: u64,
}

impl Timer {
    /// Starts now.
    pub fn new(limits: &Limits) -> Self {
        Self {
            host: String::new(),
            silence: limits.silence,
            total: limits.total.map(|total| (Instant::now() + total, total)),
            pace: limits.throughput.map(|least| Pace {
                least,
                waited: Duration::ZERO,
                received: 0,
            }),
        }
    }

    /// Waits for `future` for as long as the limits allow.
    pub async fn wait<T>(&mut self, stage: Stage, future: impl Future<Output = T>) -> Result<T> {
        let mut future = pin!(future);
        let silent_at = Instant::now() + self.silence;
        loop {
            let start = Instant::now();
            let judged_at = match &self.pace {
                Some(pace) if stage == Stage::Body => {
                    start + pace.least.per.saturating_sub(pace.waited)
                }
                _ => silent_at,
            };
            let end = silent_at.min(judged_at).min(self.total.map_or(silent_at, |(at, _)| at));
            let outcome = timeout_at(end, &mut future).await;
            if let (Stage::Body, Some(pace)) = (stage, &mut self.pace) {
                pace.waited += start.elapsed();
            }
            if let Ok(value) = outcome {
                return Ok(value);
            }
            self.judge(stage, silent_at)?;
        }
    }

    /// Bytes of the body have come.
    pub fn received(&mut self, bytes: usize) -> Result<()> {
        if let Some(pace) = &mut self.pace {
            pace.received += bytes as u64;
        }
        self.judge_pace()
    }

    /// A wait has ended: is that too long, or only time to look at the throughput?
    fn judge(&mut self, stage: Stage, silent_at: Instant) -> Result<()> {
        let (now, host) = (Instant::now(), self.host.clone());
        if let Some((at, limit)) = self.total
            && at <= now
        {
            return Err(Error::Deadline { host, limit });
        }
        if silent_at <= now {
            let limit = self.silence;
            return Err(match stage {
                Stage::Head => Error::NoAnswer { host, limit },
                Stage::Body => Error::Silent { host, limit },
            });
        }
        self.judge_pace()
    }

    fn judge_pace(&mut self) -> Result<()> {
        let Some(pace) = &mut self.pace else { return Ok(()) };
        if pace.waited < pace.least.per {
            return Ok(());
        }
        let (received, MinThroughput { bytes: least, per }) = (pace.received, pace.least);
        (pace.waited, pace.received) = (Duration::ZERO, 0);
        if received < least {
            return Err(Error::TooSlow { host: self.host.clone(), received, least, per });
        }
        Ok(())
    }
}
