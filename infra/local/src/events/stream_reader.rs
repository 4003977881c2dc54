//! Reads the table's stream.

use dynoxide::Database;
use dynoxide::actions::describe_stream::DescribeStreamRequest;
use dynoxide::actions::get_records::GetRecordsRequest;
use dynoxide::actions::get_shard_iterator::GetShardIteratorRequest;
use dynoxide::actions::list_streams::ListStreamsRequest;
use serde_json::{Value, json};

use crate::Error;

/// The most records of an event, which is also the most that a read answers.
pub(super) const BATCH: usize = 1000;

/// The stream of a table. The engine has one shard, which never closes.
#[derive(Clone)]
pub struct StreamReader {
    database: Database,
    stream_arn: String,
    shard_id: String,
}

/// A record as Lambda gets it, and its place in the stream.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub sequence: String,
    pub event: Value,
}

impl StreamReader {
    /// The stream of `table`, which is there.
    ///
    /// # Errors
    /// If it has none.
    pub fn open(database: Database, table: &str) -> Result<Self, Error> {
        let request = ListStreamsRequest {
            table_name: Some(table.to_owned()),
            ..ListStreamsRequest::default()
        };
        let streams = database.list_streams(request)?.streams;
        let stream_arn =
            streams.into_iter().next().ok_or_else(|| format!("{table} has no stream"))?.stream_arn;
        // Looks at the whole stream for its ends: once, and not with each read.
        let described = database.describe_stream(DescribeStreamRequest {
            stream_arn: stream_arn.clone(),
            ..DescribeStreamRequest::default()
        })?;
        let shards = described.stream_description.shards;
        let shard_id =
            shards.into_iter().next().ok_or_else(|| format!("{table} has no shard"))?.shard_id;
        Ok(Self { database, stream_arn, shard_id })
    }

    /// Up to 1,000 records after `position`.
    pub(super) async fn read(&self, position: Option<String>) -> Result<Vec<Record>, Error> {
        let source = self.clone();
        tokio::task::spawn_blocking(move || source.read_now(position)).await?
    }

    fn read_now(&self, position: Option<String>) -> Result<Vec<Record>, Error> {
        let kind = if position.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let request = GetShardIteratorRequest {
            stream_arn: self.stream_arn.clone(),
            shard_id: self.shard_id.clone(),
            shard_iterator_type: kind.to_owned(),
            sequence_number: position,
        };
        let shard_iterator =
            self.database.get_shard_iterator(request)?.shard_iterator.unwrap_or_default();
        let request = GetRecordsRequest { shard_iterator, limit: Some(BATCH) };
        let arn = json!(self.stream_arn);
        let records = self.database.get_records(request)?.records;
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
    pub(super) fn is_new_with(&self, prefix: &str) -> bool {
        let key = self.event.pointer("/dynamodb/Keys/PK/S").and_then(Value::as_str);
        self.event.get("eventName").is_some_and(|name| name == "INSERT")
            && key.is_some_and(|key| key.starts_with(prefix))
    }
}
