//! How much memory requests for decisions may take together. Small ones are as cheap as any other
//! request; of large ones few are in work at a time, and none of them holds up the small ones.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::error::ServeError;
use super::server::GRACE;

/// What each connection may hold of a body without asking.
const SMALL_BODY: u64 = 64 << 10;
/// What each connection may hold of an answer without asking.
const SMALL_ANSWER: usize = 256 << 10;

/// What may be in work at a time. Cheap to clone; clones share it.
#[derive(Debug, Clone)]
pub struct DecisionLimits {
    large_bodies: Arc<Semaphore>,
    computations: Arc<Semaphore>,
    large_answers: Arc<Semaphore>,
}

impl Default for DecisionLimits {
    fn default() -> Self {
        let limit = |permits| Arc::new(Semaphore::new(permits));
        Self { large_bodies: limit(4), computations: limit(2), large_answers: limit(8) }
    }
}

/// Leave to hold or do something, until it is dropped.
pub type Leave = Option<OwnedSemaphorePermit>;

impl DecisionLimits {
    /// Leave to read a body of as many bytes as its client says, and to keep what it asks.
    pub async fn body(&self, announced: Option<u64>) -> Result<Leave, ServeError> {
        if announced.is_some_and(|length| length <= SMALL_BODY) {
            return Ok(None);
        }
        wait(&self.large_bodies).await
    }

    /// Leave to decide.
    pub async fn computation(&self) -> Result<Leave, ServeError> {
        wait(&self.computations).await
    }

    /// Leave to keep an answer of so many bytes until its client has taken it.
    pub async fn answer(&self, length: usize) -> Result<Leave, ServeError> {
        if length <= SMALL_ANSWER {
            return Ok(None);
        }
        wait(&self.large_answers).await
    }
}

/// Waits for its turn, but not for long: who waits holds memory too.
async fn wait(limit: &Arc<Semaphore>) -> Result<Leave, ServeError> {
    let leave = timeout(GRACE, Arc::clone(limit).acquire_owned()).await;
    leave.map_err(|_| ServeError::Busy)?.map(Some).map_err(|_| ServeError::Busy)
}
