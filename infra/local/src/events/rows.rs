//! The table's stream: rows that were inserted start the jobs that wait for them.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use slipway_edge::dispatch::DISPATCHED;
use slipway_edge::{DynJob, Services, Trigger};
use tokio::sync::watch;
use tokio::time::sleep;

use super::carry_out;
use super::stream_checkpoints::StreamCheckpoints;
use super::stream_reader::{BATCH, Record, StreamReader};
use super::stream_watcher::StreamWatcher;
use crate::Error;
use crate::engines::stopped;
use crate::stack::RequestLog;

/// The pause before what has failed is repeated.
const PAUSE: Duration = Duration::from_secs(1);
/// How often a delivery is repeated, as in the template; then AWS puts the records into the queue of
/// failures, and this stack says so.
const RETRIES: usize = 5;

/// Delivers rows to those of `tasks` that wait for some, until `stop` says otherwise.
pub async fn deliver(
    source: StreamReader,
    tasks: Vec<Box<dyn DynJob>>,
    watcher: StreamWatcher,
    services: Arc<Services>,
    window: Duration,
    log: RequestLog,
    stop: watch::Receiver<bool>,
) {
    let followers = tasks.iter().filter_map(|task| {
        let (prefixes, window) = match task.trigger() {
            Trigger::RowsInserted { prefix } => (vec![prefix], window),
            // Who sits before this stack waits for one piece of work, not for hundreds.
            Trigger::RowsToDispatch => (DISPATCHED.map(|rows| rows.prefix).into(), Duration::ZERO),
            Trigger::RowsDispatched(_)
            | Trigger::ObjectCreated { .. }
            | Trigger::Message
            | Trigger::Schedule { .. } => return None,
        };
        let (task, stop) = (&**task, stop.clone());
        Some(StreamConsumer {
            source: &source,
            task,
            prefixes,
            positions: watcher.checkpoints(),
            services: &services,
            window,
            log,
            stop,
        })
    });
    let followers: Vec<_> = followers.collect();
    let jobs: Vec<&str> = followers.iter().map(|follower| follower.task.name()).collect();
    let (changed, change) = watch::channel(());
    let following = followers.iter().map(|follower| follower.follow(change.clone()));
    futures::join!(
        futures::future::join_all(following),
        watcher.watch(&jobs, &changed, stop.clone())
    );
}

/// One job's way along the stream.
struct StreamConsumer<'a> {
    source: &'a StreamReader,
    task: &'a dyn DynJob,
    prefixes: Vec<&'static str>,
    positions: &'a StreamCheckpoints,
    services: &'a Arc<Services>,
    window: Duration,
    log: RequestLog,
    stop: watch::Receiver<bool>,
}

impl StreamConsumer<'_> {
    /// Goes along the stream: to its end, and on with each `change`.
    async fn follow(&self, mut change: watch::Receiver<()>) {
        let mut position = self.positions.of(self.task.name()).await;
        loop {
            // What comes from here on is a change, whether the step sees it or not.
            change.mark_unchanged();
            let goes_on = match self.step(position.clone()).await {
                Ok(Some(next)) => {
                    position = Some(next);
                    !*self.stop.borrow()
                }
                Ok(None) => self.changed(&mut change).await,
                Err(error) => {
                    eprintln!("{}: {error}", self.task.name());
                    self.waited(PAUSE).await
                }
            };
            if !goes_on {
                return;
            }
        }
    }

    /// Waits for a change, unless the stack stops meanwhile.
    async fn changed(&self, change: &mut watch::Receiver<()>) -> bool {
        tokio::select! {
            changed = change.changed() => changed.is_ok(),
            () = stopped(self.stop.clone()) => false,
        }
    }

    /// Waits, unless the stack stops meanwhile. Only waiting is cut short: what is under way is
    /// finished.
    async fn waited(&self, time: Duration) -> bool {
        tokio::select! {
            () = sleep(time) => true,
            () = stopped(self.stop.clone()) => false,
        }
    }

    /// Delivers what is there after `position`, and tells where it has got to.
    async fn step(&self, position: Option<String>) -> Result<Option<String>, Error> {
        let mut records = self.source.read(position.clone()).await?;
        if self.waits_for_more(&records) {
            // The window begins with the first record, and ends for all that came within it.
            if !self.waited(self.window).await {
                return Ok(None);
            }
            records = self.source.read(position).await?;
        }
        let Some(last) = records.last().map(|record| record.sequence.clone()) else {
            return Ok(None);
        };
        records.retain(|record| self.waits_for(record));
        if !records.is_empty() && !self.deliver(records).await {
            return Ok(None);
        }
        // Also where nothing was for this job: what it is past need not be kept for it.
        self.positions.keep(self.task.name(), &last).await?;
        Ok(Some(last))
    }

    fn waits_for_more(&self, records: &[Record]) -> bool {
        !self.window.is_zero()
            && records.len() < BATCH
            && records.iter().any(|record| self.waits_for(record))
    }

    /// Whether the filter of its event source lets `record` through.
    fn waits_for(&self, record: &Record) -> bool {
        self.prefixes.iter().any(|prefix| record.is_new_with(prefix))
    }

    /// Whether all is settled: it succeeded, or was given up. What the stop of the stack cuts off is
    /// delivered again at the next start.
    async fn deliver(&self, records: Vec<Record>) -> bool {
        let about = format!("{} new {}", records.len(), self.prefixes.join(" ").replace('#', ""));
        let request_id =
            format!("stream-{}", records.first().map_or("", |record| &record.sequence));
        let event = json!({ "Records": records.into_iter().map(|record| record.event).collect::<Vec<_>>() });
        for _ in 0..=RETRIES {
            let carried_out =
                carry_out(self.task, self.services, event.clone(), &request_id, &about, self.log);
            if carried_out.await.is_ok() {
                return true;
            }
            if !self.waited(PAUSE).await {
                return false;
            }
        }
        eprintln!(
            "{}: gave up on {about} after {RETRIES} retries; AWS would put it into the queue of failures",
            self.task.name()
        );
        true
    }
}
