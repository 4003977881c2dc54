//! The table's stream on the local stack: what it takes while nothing happens, what of it is kept,
//! and what is delivered whatever happens.

use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use rusqlite::{Connection, params};
use slipway_test_support::{EventDelivery, Options, TestClock, World, json};
use tokio::time::sleep;

use crate::process::{Process, TOKEN};
use crate::rows::Rows;

/// About what 10,000 publishes make.
const LONG: usize = 60_000;
/// The records of a page that is trimmed at once.
const PAGE: usize = 1000;

/// The engine's file in the data directory `data`.
fn engine_file(data: &Path) -> Connection {
    Connection::open(data.join("dynamodb.sqlite")).unwrap()
}

/// How many records there are, of those that are older than `hours`.
fn older_than(data: &Path, hours: i64) -> usize {
    let count = "SELECT count(*) FROM _stream_records WHERE created_at < unixepoch() - 3600 * ?1";
    engine_file(data).query_row(count, [hours], |row| row.get(0)).unwrap()
}

/// Adds `count` records before the first one, all of them `hours` old.
fn prepend(data: &Path, count: usize, hours: i64) {
    let repeat = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?1),
        first AS (SELECT * FROM _stream_records ORDER BY CAST(sequence_number AS INTEGER) LIMIT 1)
        INSERT INTO _stream_records (table_name, event_name, keys_json, new_image, sequence_number, shard_id, created_at, event_id)
        SELECT table_name, event_name, keys_json, hex(randomblob(500)), CAST(CAST(sequence_number AS INTEGER) - n AS TEXT), shard_id,
            unixepoch() - 3600 * ?2, event_id || n FROM first, number";
    assert_eq!(engine_file(data).execute(repeat, params![count, hours]).unwrap(), count);
}

/// Gives the engine's file the form that earlier versions gave it.
fn without_index(data: &Path) {
    engine_file(data).execute_batch("DROP INDEX slipway_stream_records_by_sequence").unwrap();
}

async fn world(data: &Path, events: EventDelivery, test_clock: &TestClock) -> World {
    let data = Some(data.to_owned());
    World::with(Options { data, events, clock: test_clock.clock(), ..Options::ephemeral() }).await
}

/// Makes a tenant and a product, and lets jobs have what that makes; then a release that no job has
/// heard of.
async fn with_undelivered_release(data: &Path) {
    let test_clock = TestClock::default();
    let running = world(data, EventDelivery::Enabled, &test_clock).await;
    running.tenant("tenant_acme", json!("*")).await;
    running.product("prod_app").await;
    running.release("prod_app", "1.0.0").await;
    wait_for_snapshots(&running, 1).await;
    running.stack.stop().await;
    let silent = world(data, EventDelivery::Disabled, &test_clock).await;
    silent.release("prod_app", "1.1.0").await;
    silent.stack.stop().await;
}

async fn wait_for_snapshots(world: &World, count: usize) {
    for _ in 0..300 {
        if Rows::of(world).await.with("SNAPSHOT#", "").count() >= count {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("not {count} snapshots after 30 s");
}

/// Waits until at most `most` records of `data` are older than `hours`.
async fn wait_for_trim(data: &Path, hours: i64, most: usize) {
    for _ in 0..300 {
        if older_than(data, hours) <= most {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("{} records after 30 s, not {most}", older_than(data, hours));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_stack_does_not_read_its_stream() {
    let directory = tempfile::tempdir().unwrap();
    with_undelivered_release(directory.path()).await;
    prepend(directory.path(), LONG, 1);
    let process = Process::start(directory.path(), "127.0.0.1:0");
    // Its window of five seconds, and the jobs after it.
    for _ in 0..300 {
        let path = "/v1/snapshots?tenant_id=tenant_acme";
        if process.get(path, TOKEN).await["snapshots"].as_array().unwrap().len() == 2 {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    sleep(Duration::from_secs(1)).await;
    let before = process.bytes_read();
    sleep(Duration::from_secs(3)).await;
    let read = process.bytes_read() - before;
    println!("{read} bytes in 3 s, of a stream of {LONG} records");
    assert!(read < 1 << 20, "an idle stack reads {read} bytes in 3 s");
    process.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_directory_of_an_earlier_version_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    with_undelivered_release(data).await;
    without_index(data);
    // A stack that was stopped three days ago; its oldest records are a month old.
    engine_file(data)
        .execute_batch("UPDATE _stream_records SET created_at = created_at - 3600 * 72")
        .unwrap();
    prepend(data, 2 * PAGE, 24 * 30);
    let old = older_than(data, 24);

    let test_clock = TestClock::default();
    let running = world(data, EventDelivery::Enabled, &test_clock).await;
    wait_for_snapshots(&running, 2).await;
    test_clock.advance(SignedDuration::from_hours(1));
    // The last one that was delivered may be old as well.
    wait_for_trim(data, 24, 1).await;
    assert!(old > 2 * PAGE);
    let indexes =
        "SELECT count(*) FROM sqlite_master WHERE name = 'slipway_stream_records_by_sequence'";
    assert_eq!(engine_file(data).query_row(indexes, [], |row| row.get::<_, u32>(0)).unwrap(), 1);
    running.release("prod_app", "1.2.0").await;
    wait_for_snapshots(&running, 3).await;
    running.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_later_the_stream_has_what_came_since() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let test_clock = TestClock::default();
    let running = world(data, EventDelivery::Enabled, &test_clock).await;
    running.tenant("tenant_acme", json!("*")).await;
    running.product("prod_app").await;
    running.release("prod_app", "1.0.0").await;
    wait_for_snapshots(&running, 1).await;
    // What the jobs themselves have written is delivered to them as well.
    sleep(Duration::from_secs(1)).await;
    let first_day = "SELECT max(id) FROM _stream_records";
    let first_day: i64 = engine_file(data).query_row(first_day, [], |row| row.get(0)).unwrap();
    test_clock.advance(SignedDuration::from_hours(23));
    sleep(Duration::from_secs(1)).await;
    let left = || -> usize {
        let left = "SELECT count(*) FROM _stream_records WHERE id <= ?1";
        engine_file(data).query_row(left, [first_day], |row| row.get(0)).unwrap()
    };
    assert!(left() > 5, "{} are left after 23 hours", left());
    test_clock.advance(SignedDuration::from_hours(2));
    for _ in 0..300 {
        if left() <= 1 {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    assert!(left() <= 1, "{} are left after 25 hours", left());
    running.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_while_the_stream_is_trimmed_loses_no_event() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    with_undelivered_release(data).await;
    prepend(data, 20 * PAGE, 48);
    for delay in [0, 10, 30, 60, 100] {
        let before = older_than(data, 24);
        let process = Process::start(data, "127.0.0.1:0");
        sleep(Duration::from_millis(delay)).await;
        process.kill();
        let after = older_than(data, 24);
        println!("killed {delay} ms after its start: {before} old records, then {after}");
        assert_eq!((before - after) % PAGE, 0, "a page is trimmed as a whole");
    }
    let running = world(data, EventDelivery::Enabled, &TestClock::default()).await;
    wait_for_snapshots(&running, 2).await;
    wait_for_trim(data, 24, 0).await;
    let check = "PRAGMA integrity_check";
    let check: String = engine_file(data).query_row(check, [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
    running.stack.stop().await;
}
