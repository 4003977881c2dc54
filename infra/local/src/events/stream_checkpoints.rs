//! How far the jobs have got in the table's stream.

use std::path::PathBuf;

use crate::Error;

/// Up to where each job has got, kept in a directory: what was under way at a crash is delivered
/// again.
#[derive(Debug, Clone)]
pub struct StreamCheckpoints {
    directory: PathBuf,
}

impl StreamCheckpoints {
    /// Kept in `directory`.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    /// The sequence number of the last record that `job` is done with; none before the first.
    pub(super) async fn of(&self, job: &str) -> Option<String> {
        tokio::fs::read_to_string(self.directory.join(job))
            .await
            .ok()
            .filter(|position| !position.is_empty())
    }

    /// The last record that all of `jobs` are done with. Sequence numbers have 21 digits, so that
    /// they are in the order of their texts.
    pub(super) async fn of_all(&self, jobs: &[&str]) -> Option<String> {
        let positions = futures::future::join_all(jobs.iter().map(|job| self.of(job))).await;
        positions.into_iter().collect::<Option<Vec<_>>>()?.into_iter().min()
    }

    /// Says that `job` is done with everything up to `position`.
    pub(super) async fn keep(&self, job: &str, position: &str) -> Result<(), Error> {
        let new = self.directory.join(format!("{job}.new"));
        tokio::fs::write(&new, position).await?;
        Ok(tokio::fs::rename(new, self.directory.join(job)).await?)
    }
}
