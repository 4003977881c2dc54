//! The table's stream: rows that were inserted start the jobs that wait for them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};
use slipway_edge::{BatchMode, DynJob, Services, Trigger};
use tokio::sync::watch;
use tokio::time::sleep;

use super::carry_out;
use crate::Error;
use crate::engines::stopped;
use crate::stack::RequestLog;

/// How often the stream is looked at.
const POLL: Duration = Duration::from_millis(100);
/// The pause before a failed delivery is repeated.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is repeated, as in the template; then AWS puts the records into the queue of
/// failures, and this stack says so.
const RETRIES: usize = 5;
/// The most records of an event, which is also the most that a read answers.
const BATCH: usize = 1000;
/// Single deliveries under way at once.
const AT_ONCE: usize = 4;

/// The stream of a table.
#[derive(Clone)]
pub struct StreamReader {
    database: Database,
    table: String,
}

/// A record as Lambda gets it, and its place in the stream.
#[derive(Debug, Clone)]
struct Record {
    sequence: String,
    event: Value,
}

/// Up to where each job has got, kept in a directory: what was under way at a crash is delivered
/// again.
#[derive(Debug, Clone)]
pub struct StreamCheckpoints {
    directory: PathBuf,
}

impl StreamReader {
    /// The stream of `table`.
    #[must_use]
    pub fn new(database: Database, table: impl Into<String>) -> Self {
        Self { database, table: table.into() }
    }

    /// Up to 1,000 records after `position`.
    async fn read(&self, position: Option<String>) -> Result<Vec<Record>, Error> {
        let source = self.clone();
        tokio::task::spawn_blocking(move || source.read_now(position)).await?
    }

    fn read_now(&self, position: Option<String>) -> Result<Vec<Record>, Error> {
        let streams = self.database.list_streams(ListStreamsRequest {
            table_name: Some(self.table.clone()),
            ..ListStreamsRequest::default()
        })?;
        let Some(stream) = streams.streams.first() else {
            return Err(format!("{} has no stream", self.table).into());
        };
        let described = DescribeStreamRequest {
            stream_arn: stream.stream_arn.clone(),
            ..DescribeStreamRequest::default()
        };
        // The engine has one shard, which never closes.
        let shards = self.database.describe_stream(described)?.stream_description.shards;
        let Some(shard) = shards.first() else { return Ok(Vec::new()) };
        let kind = if position.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let request = GetShardIteratorRequest {
            stream_arn: stream.stream_arn.clone(),
            shard_id: shard.shard_id.clone(),
            shard_iterator_type: kind.to_owned(),
            sequence_number: position,
        };
        let shard_iterator =
            self.database.get_shard_iterator(request)?.shard_iterator.unwrap_or_default();
        let records = self
            .database
            .get_records(GetRecordsRequest { shard_iterator, limit: Some(BATCH) })?
            .records;
        let arn = json!(stream.stream_arn);
        records.into_iter().map(|record| Record::new(&record, &arn)).collect()
    }
}

impl Record {
    fn new(record: &dynoxide::actions::get_records::Record, arn: &Value) -> Result<Self, Error> {
        let mut event = serde_json::to_value(record)?;
        if let Some(members) = event.as_object_mut() {
            members.insert("eventSourceARN".to_owned(), arn.clone());
        }
        Ok(Self { sequence: record.dynamodb.sequence_number.clone(), event })
    }

    /// Whether the filter of an event source lets it through: a new row whose partition key begins
    /// with `prefix`.
    fn is_new_with(&self, prefix: &str) -> bool {
        let key = self.event.pointer("/dynamodb/Keys/PK/S").and_then(Value::as_str);
        self.event.get("eventName").is_some_and(|name| name == "INSERT")
            && key.is_some_and(|key| key.starts_with(prefix))
    }
}

impl StreamCheckpoints {
    /// Kept in `directory`.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    async fn of(&self, job: &str) -> Option<String> {
        tokio::fs::read_to_string(self.directory.join(job))
            .await
            .ok()
            .filter(|position| !position.is_empty())
    }

    async fn keep(&self, job: &str, position: &str) -> Result<(), Error> {
        let new = self.directory.join(format!("{job}.new"));
        tokio::fs::write(&new, position).await?;
        Ok(tokio::fs::rename(new, self.directory.join(job)).await?)
    }
}

/// Delivers rows to those of `tasks` that wait for some, until `stop` says otherwise.
pub async fn deliver(
    source: StreamReader,
    tasks: Vec<Box<dyn DynJob>>,
    positions: StreamCheckpoints,
    services: Arc<Services>,
    window: Duration,
    log: RequestLog,
    stop: watch::Receiver<bool>,
) {
    let followers = tasks.iter().filter_map(|task| {
        let Trigger::RowsInserted { prefix, delivery } = task.trigger() else { return None };
        let (task, stop) = (&**task, stop.clone());
        Some(StreamConsumer {
            source: &source,
            task,
            prefix,
            delivery,
            positions: &positions,
            services: &services,
            window,
            log,
            stop,
        })
    });
    let followers: Vec<_> = followers.collect();
    futures::future::join_all(followers.iter().map(StreamConsumer::follow)).await;
}

/// One job's way along the stream.
struct StreamConsumer<'a> {
    source: &'a StreamReader,
    task: &'a dyn DynJob,
    prefix: &'static str,
    delivery: BatchMode,
    positions: &'a StreamCheckpoints,
    services: &'a Arc<Services>,
    window: Duration,
    log: RequestLog,
    stop: watch::Receiver<bool>,
}

impl StreamConsumer<'_> {
    async fn follow(&self) {
        let mut position = self.positions.of(self.task.name()).await;
        while self.waited(POLL).await {
            match self.step(position.clone()).await {
                Ok(Some(next)) => position = Some(next),
                Ok(None) => {}
                Err(error) => eprintln!("{}: {error}", self.task.name()),
            }
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
        records.retain(|record| record.is_new_with(self.prefix));
        if !records.is_empty() {
            self.deliver(records).await;
            self.positions.keep(self.task.name(), &last).await?;
        }
        Ok(Some(last))
    }

    fn waits_for_more(&self, records: &[Record]) -> bool {
        self.delivery == BatchMode::Window
            && records.len() < BATCH
            && records.iter().any(|record| record.is_new_with(self.prefix))
    }

    async fn deliver(&self, records: Vec<Record>) {
        match self.delivery {
            BatchMode::Window => self.deliver_together(records).await,
            BatchMode::Single => {
                let each = records.into_iter().map(|record| self.deliver_together(vec![record]));
                stream::iter(each).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
            }
        }
    }

    async fn deliver_together(&self, records: Vec<Record>) {
        let about = format!("{} new {}", records.len(), self.prefix.trim_end_matches('#'));
        let request_id =
            format!("stream-{}", records.first().map_or("", |record| &record.sequence));
        let event = json!({ "Records": records.into_iter().map(|record| record.event).collect::<Vec<_>>() });
        for _ in 0..=RETRIES {
            if carry_out(self.task, self.services, event.clone(), &request_id, &about, self.log)
                .await
                .is_ok()
            {
                return;
            }
            sleep(PAUSE).await;
        }
        eprintln!(
            "{}: gave up on {about} after {RETRIES} retries; AWS would put it into the queue of failures",
            self.task.name()
        );
    }
}
