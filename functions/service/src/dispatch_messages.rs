//! The messages that new rows make.

use serde::Serialize;
use serde_json::Value;
use slipway_edge::{BatchMode, DispatchedRows, Error, Result};

/// The most bytes of a message's records. Lambda takes more, but what fails goes into the queue of
/// failures, whose messages of 256 KB hold the message and what went wrong.
const MAX_BYTES: usize = 192 << 10;

/// A message, and the rows that it is about.
#[derive(Debug)]
pub struct DispatchMessage {
    /// Whose rows they are.
    pub rows: &'static DispatchedRows,
    /// What the job gets.
    pub message: StreamMessage,
}

/// Reads like an event of the stream.
#[derive(Debug, Default, Serialize)]
pub struct StreamMessage {
    #[serde(rename = "Records")]
    records: Vec<Value>,
    #[serde(skip)]
    bytes: usize,
}

/// The messages that `records` make, each job's in the order of the stream. A record that is longer
/// than a message may be has one of its own: Lambda says whether it takes it.
///
/// # Errors
/// `internal` for a record that is for no job: the event source's filter lets none through.
pub fn messages(records: Vec<Value>) -> Result<Vec<DispatchMessage>> {
    let mut messages: Vec<DispatchMessage> = Vec::new();
    for record in records {
        let rows = rows_of(&record)?;
        let bytes = serde_json::to_vec(&record).map_err(Error::internal)?.len();
        let last = messages.iter_mut().rev().find(|one| one.rows == rows);
        let last =
            last.filter(|last| rows.batch == BatchMode::Together && last.has_room_for(bytes));
        if let Some(last) = last {
            last.message.push(record, bytes);
        } else {
            let mut message = StreamMessage::default();
            message.push(record, bytes);
            messages.push(DispatchMessage { rows, message });
        }
    }
    Ok(messages)
}

fn rows_of(record: &Value) -> Result<&'static DispatchedRows> {
    let key = record.pointer("/dynamodb/Keys/PK/S").and_then(Value::as_str).unwrap_or_default();
    DispatchedRows::of_key(key)
        .ok_or_else(|| Error::internal(format!("a row of the partition '{key}' is for no job")))
}

impl DispatchMessage {
    fn has_room_for(&self, bytes: usize) -> bool {
        self.message.bytes + bytes <= MAX_BYTES
    }
}

impl StreamMessage {
    fn push(&mut self, record: Value, bytes: usize) {
        self.records.push(record);
        // With the comma.
        self.bytes += bytes + 1;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use slipway_edge::dispatch::{REPORTED_RELEASES, WORK_ITEMS};

    use super::*;

    fn record(rows: &DispatchedRows, number: usize, length: usize) -> Value {
        let image = json!({ "number": number, "doc": "x".repeat(length) });
        let key = format!("{}{number}", rows.prefix);
        json!({ "dynamodb": { "Keys": { "PK": { "S": key } }, "NewImage": image } })
    }

    /// The numbers of the records of each message for `rows`.
    fn numbers(messages: &[DispatchMessage], rows: &DispatchedRows) -> Vec<Vec<u64>> {
        let number = |record: &Value| record["dynamodb"]["NewImage"]["number"].as_u64().unwrap();
        let own = messages.iter().filter(|one| one.rows == rows);
        own.map(|one| one.message.records.iter().map(number).collect()).collect()
    }

    #[test]
    fn a_piece_of_work_is_a_message_and_reports_are_one() {
        let rows = [&REPORTED_RELEASES, &WORK_ITEMS, &REPORTED_RELEASES, &WORK_ITEMS];
        let records = rows.into_iter().enumerate().map(|(number, rows)| record(rows, number, 1));
        let messages = messages(records.collect()).unwrap();
        assert_eq!(numbers(&messages, &WORK_ITEMS), [[1], [3]]);
        assert_eq!(numbers(&messages, &REPORTED_RELEASES), [[0, 2]]);
    }

    #[test]
    fn messages_are_bounded_in_bytes_and_none_is_lost() {
        let records = (0..40).map(|number| record(&REPORTED_RELEASES, number, 10_000)).collect();
        let messages = messages(records).unwrap();
        assert!(messages.len() > 1);
        for message in &messages {
            assert!(serde_json::to_vec(&message.message).unwrap().len() <= MAX_BYTES + 16);
        }
        let all = numbers(&messages, &REPORTED_RELEASES).concat();
        assert_eq!(all, (0..40).collect::<Vec<_>>());
    }

    #[test]
    fn a_row_for_no_job_is_refused_by_its_key() {
        let record = json!({ "dynamodb": { "Keys": { "PK": { "S": "TOKEN#1" } } } });
        let error = messages(vec![record]).unwrap_err();
        assert!(format!("{error:?}").contains("TOKEN#1"), "{error:?}");
    }
}
