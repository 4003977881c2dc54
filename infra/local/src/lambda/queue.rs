//! The queue of asynchronous invocations: a file for each message, until its job has taken it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use slipway_edge::clock::entropy;
use tokio::sync::Notify;

use crate::Error;
use crate::data::write_private;

/// Messages that wait for their jobs, kept in a directory: what was under way at a crash is
/// delivered again.
#[derive(Debug, Clone)]
pub struct InvocationQueue {
    directory: Arc<PathBuf>,
    /// The names of the files that nobody has in hand.
    waiting: Arc<Mutex<BTreeSet<String>>>,
    arrived: Arc<Notify>,
}

/// A message, and the job that it starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueuedInvocation {
    /// The name of the job.
    pub job: String,
    /// The message.
    pub message: Value,
}

impl InvocationQueue {
    /// The queue that is kept in `directory`.
    pub fn open(directory: PathBuf) -> Result<Self, Error> {
        let mut waiting = BTreeSet::new();
        for file in std::fs::read_dir(&directory)? {
            let path = file?.path();
            // Whatever else lies there was left half written, and nobody was told that it is kept.
            if path.extension().is_some_and(|extension| extension == "json") {
                waiting.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
            }
        }
        Ok(Self {
            directory: directory.into(),
            waiting: Arc::new(Mutex::new(waiting)),
            arrived: Arc::default(),
        })
    }

    /// Keeps a message.
    pub async fn push(&self, job: String, message: Value) -> Result<(), Error> {
        let name = format!("{}.json", HEXLOWER.encode(&entropy::<16>()?));
        let text = serde_json::to_string(&QueuedInvocation { job, message })?;
        let path = self.directory.join(&name);
        tokio::task::spawn_blocking(move || write_private(&path, &text)).await??;
        self.put_back(name);
        Ok(())
    }

    /// The next message, once there is one, and its name.
    pub async fn next(&self) -> Result<(String, QueuedInvocation), Error> {
        let name = loop {
            let arrived = self.arrived.notified();
            if let Some(name) = self.waiting().pop_first() {
                break name;
            }
            arrived.await;
        };
        let text = tokio::fs::read(self.directory.join(&name)).await?;
        Ok((name, serde_json::from_slice(&text)?))
    }

    /// Forgets a message that was taken.
    pub async fn remove(&self, name: &str) -> Result<(), Error> {
        Ok(tokio::fs::remove_file(self.directory.join(name)).await?)
    }

    fn put_back(&self, name: String) {
        self.waiting().insert(name);
        self.arrived.notify_one();
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn what_nobody_has_taken_is_there_after_a_restart() {
        let directory = tempfile::tempdir().unwrap();
        let open = || InvocationQueue::open(directory.path().to_owned()).unwrap();
        let queue = open();
        queue.push("finish-upload".to_owned(), json!({ "upload_id": "upl_1" })).await.unwrap();
        let (_, taken) = queue.next().await.unwrap();
        // In hand, and not done when the stack was killed.
        std::fs::write(directory.path().join(".tmp1234"), "half").unwrap();
        let restarted = open();
        let (name, again) = restarted.next().await.unwrap();
        assert_eq!(again, taken);
        restarted.remove(&name).await.unwrap();
        assert!(open().waiting().is_empty());
    }
}
