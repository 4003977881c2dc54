//! What a write and a read cost, in bytes that SQLite reads: the page cache holds 2 MB, so that
//! whoever looks at all records reads most of them from the file.

use slipway_local::engines::StreamRecords;

use crate::engine_file::{EngineFile, ROW_BYTES, TABLE};

/// About what 10,000 publishes make.
const LONG: usize = 60_000;
/// What the pages on the way through the index, and the record itself, may take.
const SLACK: u64 = 256 << 10;

/// The bytes that this thread has read with system calls so far.
fn bytes_read() -> u64 {
    let io = std::fs::read_to_string("/proc/thread-self/io").unwrap();
    io.lines().find_map(|line| line.strip_prefix("rchar: ")).unwrap().parse().unwrap()
}

/// The bytes that are read by a write, and by a read of what is new.
fn write_and_read(engine: &EngineFile, key: &str) -> (u64, u64) {
    let position = engine.last();
    let start = bytes_read();
    engine.put(key);
    let written = bytes_read();
    assert_eq!(engine.read(Some(&position)).len(), 1);
    (written - start, bytes_read() - written)
}

#[test]
fn a_write_and_a_read_cost_the_same_however_long_the_stream_is() {
    let engine = EngineFile::new();
    let _records = StreamRecords::open(&engine.path()).unwrap();
    engine.put("first");
    let short = write_and_read(&engine, "short");
    engine.lengthen(LONG, 0);
    let long = write_and_read(&engine, "long");
    println!("(write, read) bytes: short {short:?}, long {long:?}");
    assert!(long.0 < short.0 + SLACK, "a write: {} bytes, then {}", short.0, long.0);
    assert!(long.1 < short.1 + SLACK, "a read: {} bytes, then {}", short.1, long.1);
}

#[test]
fn what_is_measured_is_what_the_index_saves() {
    let engine = EngineFile::new();
    engine.put("first");
    engine.lengthen(LONG, 0);
    let all = u64::try_from(LONG * ROW_BYTES).unwrap();
    let (write, read) = write_and_read(&engine, "long");
    assert!(write > all && read > all, "{write} {read}: an engine that needs no index of ours");
}

#[test]
fn whether_anything_was_written_is_known_without_reading() {
    let engine = EngineFile::new();
    let records = StreamRecords::open(&engine.path()).unwrap();
    engine.put("first");
    let before = records.data_version().unwrap();
    engine.lengthen(LONG, 48);
    let start = bytes_read();
    assert_ne!(records.data_version().unwrap(), before);
    let after = records.data_version().unwrap();
    let unchanged = bytes_read();
    assert_eq!(records.data_version().unwrap(), after);
    assert!(bytes_read() - unchanged <= unchanged - start, "nothing is read where nothing is new");
    assert!(unchanged - start < SLACK);

    engine.put("second");
    assert_ne!(records.data_version().unwrap(), after);
    let after = records.data_version().unwrap();
    assert!(records.trim(TABLE, &engine.last(), jiff::Timestamp::now()).unwrap() > 0);
    assert_eq!(records.data_version().unwrap(), after, "trimming is nothing new");
}
