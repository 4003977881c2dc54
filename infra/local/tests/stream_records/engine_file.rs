//! The engine on a file of its own, used as the local stack does, on the test's own thread.

use std::path::PathBuf;

use dynoxide::Database;
use dynoxide::actions::get_records::Record;
use rusqlite::{Connection, params};
use serde_json::{Value, from_value, json};
use tempfile::TempDir;

pub const TABLE: &str = "slipway-local-catalog";
/// The bytes of each row.
pub const ROW_BYTES: usize = 1000;

/// A file of the engine with a table that has a stream.
pub struct EngineFile {
    pub database: Database,
    directory: TempDir,
}

impl EngineFile {
    pub fn new() -> Self {
        let directory = TempDir::with_prefix("slipway-").unwrap();
        let database = Database::new(file(&directory).to_str().unwrap()).unwrap();
        let key = |name, kind| json!({ "AttributeName": name, "KeyType": kind });
        let text = |name| json!({ "AttributeName": name, "AttributeType": "S" });
        let request = json!({
            "TableName": TABLE,
            "KeySchema": [key("PK", "HASH"), key("SK", "RANGE")],
            "AttributeDefinitions": [text("PK"), text("SK")],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": { "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" },
        });
        database.create_table(from_value(request).unwrap()).unwrap();
        Self { database, directory }
    }

    pub fn path(&self) -> PathBuf {
        file(&self.directory)
    }

    pub fn connection(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// Writes a row, which makes a record.
    pub fn put(&self, key: &str) {
        let text = |text: &str| json!({ "S": text });
        let item =
            json!({ "PK": text(key), "SK": text(key), "data": text(&"x".repeat(ROW_BYTES)) });
        let request = json!({ "TableName": TABLE, "Item": item });
        self.database.put_item(from_value(request).unwrap()).unwrap();
    }

    /// Repeats the last record until there are `count` more, all of them `hours` old.
    pub fn lengthen(&self, count: usize, hours: i64) {
        let repeat = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1),
            last AS (SELECT * FROM _stream_records ORDER BY CAST(sequence_number AS INTEGER) DESC LIMIT 1)
            INSERT INTO _stream_records (table_name, event_name, keys_json, new_image, sequence_number, shard_id, created_at, event_id)
            SELECT table_name, event_name, keys_json, new_image, CAST(CAST(sequence_number AS INTEGER) + n AS TEXT), shard_id,
                unixepoch() - 3600 * ?2, event_id || n FROM last, number";
        assert_eq!(self.connection().execute(repeat, params![count, hours]).unwrap(), count);
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        let count = "SELECT count(*) FROM _stream_records";
        self.connection().query_row(count, [], |row| row.get(0)).unwrap()
    }

    /// Up to 1,000 records after `position`, as the engine answers them.
    pub fn read(&self, position: Option<&str>) -> Vec<Record> {
        let kind = if position.is_some() { "AFTER_SEQUENCE_NUMBER" } else { "TRIM_HORIZON" };
        let mut request = json!({
            "StreamArn": format!("arn:aws:dynamodb:dynoxide:000000000000:table/{TABLE}/stream/1"),
            "ShardId": format!("shardId-00000001-{TABLE}"),
            "ShardIteratorType": kind,
        });
        if let Some(position) = position {
            request["SequenceNumber"] = Value::from(position);
        }
        let iterator = self.database.get_shard_iterator(from_value(request).unwrap()).unwrap();
        let request = json!({ "ShardIterator": iterator.shard_iterator });
        self.database.get_records(from_value(request).unwrap()).unwrap().records
    }

    /// The sequence number of the last record.
    pub fn last(&self) -> String {
        let last = "SELECT max(CAST(sequence_number AS INTEGER)) FROM _stream_records";
        let last: u128 = self
            .connection()
            .query_row(last, [], |row| row.get::<_, i64>(0))
            .unwrap()
            .try_into()
            .unwrap();
        (100_000_000_000_000_000_000 + last).to_string()
    }
}

fn file(directory: &TempDir) -> PathBuf {
    directory.path().join("dynamodb.sqlite")
}
