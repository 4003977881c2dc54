//! What is trimmed, and what is not.

use jiff::Timestamp;
use slipway_local::engines::StreamRecords;

use crate::engine_file::{EngineFile, TABLE};

/// More than a page.
const OLD: usize = 2500;

#[test]
fn records_older_than_24_hours_are_trimmed_and_younger_ones_are_not() {
    let engine = EngineFile::new();
    let records = StreamRecords::open(&engine.path()).unwrap();
    engine.put("first");
    engine.lengthen(OLD, 25);
    engine.lengthen(10, 23);
    engine.put("last");
    let trim = || records.trim(TABLE, &engine.last(), Timestamp::now()).unwrap();
    // The first one is young, but for its place: a clock that was set back keeps what it made.
    assert_eq!(trim(), OLD);
    assert_eq!(engine.len(), 12);
    assert_eq!(trim(), 0);
}

#[test]
fn what_was_not_delivered_is_never_trimmed() {
    let engine = EngineFile::new();
    let records = StreamRecords::open(&engine.path()).unwrap();
    engine.put("first");
    engine.lengthen(OLD, 48);
    let delivered = engine.last();
    engine.lengthen(OLD, 48);
    assert_eq!(records.trim(TABLE, &delivered, Timestamp::now()).unwrap(), OLD - 1);
    assert_eq!(engine.read(Some(&delivered)).len(), 1000);
    assert_eq!(engine.len(), OLD + 2);
}

#[test]
fn numbers_go_on_after_everything_was_trimmed() {
    let engine = EngineFile::new();
    let records = StreamRecords::open(&engine.path()).unwrap();
    engine.put("first");
    // As if the machine's clock had been years ahead when they were made.
    engine.lengthen(1, 48);
    engine.connection().execute_batch("UPDATE _stream_records SET sequence_number = CAST(sequence_number + 1000000000000000 AS TEXT), created_at = 0").unwrap();
    let position = engine.last();
    assert_eq!(records.trim(TABLE, &position, Timestamp::now()).unwrap(), 1);
    engine.put("next");
    let next = engine.read(Some(&position));
    assert_eq!(next.len(), 1, "a consumer at {position} sees what comes next");
}

#[test]
fn a_position_that_is_none_is_refused() {
    let engine = EngineFile::new();
    let records = StreamRecords::open(&engine.path()).unwrap();
    for position in ["", "5", "not a number"] {
        let refused = records.trim(TABLE, position, Timestamp::now()).unwrap_err();
        assert!(refused.to_string().contains(position), "{refused}");
    }
}
