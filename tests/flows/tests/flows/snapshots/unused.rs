//! Streams that nobody uses end; one that somebody uses never does.

use std::sync::Arc;

use jiff::SignedDuration;
use slipway_edge::Services;
use slipway_edge::telemetry::LogRecord;
use slipway_test_support::{TestClock, Value, World, json, rows_inserted, text};

use super::world;
use crate::faults::without_calls_about;
use crate::interleaving::{Change, interleaved};
use crate::rows::Rows;

/// The days after which an unused stream ends: 90, and the one within which uses are not recorded.
const LIMIT: i64 = 91;

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// What makes all snapshots of a tenant, as a change of the catalog does.
async fn renew(services: &Arc<Services>, tenant: &str, now: i64) {
    let work = json!({
        "generation_id": format!("gen_{now}"), "tenant_id": tenant, "selection": "every_stream",
        "demand": "if_changed", "at": "2026-01-15T09:30:00Z",
    });
    rows_inserted(services, "snapshot-for-tenant", &[work]).await.0.unwrap();
}

/// A stream of `stable` for a tenant of its own; its first snapshot.
async fn stream(world: &World, tenant: &str) -> Value {
    world.tenant(tenant, json!("*")).await;
    world.generate_snapshot(asking(tenant)).await
}

fn asking(tenant: &str) -> Value {
    json!({ "tenant_id": tenant, "channels": ["stable"] })
}

/// The streams of a tenant that are in use, but for the one of all channels.
async fn active(world: &World, tenant: &str) -> Vec<Value> {
    let streams = world.get(&format!("/v1/tenants/{tenant}/streams")).await.expect(200);
    let streams = streams["streams"].as_array().unwrap().iter().cloned();
    streams.filter(|stream| stream["stream"] != "all").collect()
}

/// One of the ways to use the stream of `stable`, whose first snapshot is `first`.
async fn use_stream(world: &World, way: usize, tenant: &str, first: &Value) -> LogRecord {
    let id = text(first, "snapshot_id");
    let call = match way {
        0 => world.call(
            "snapshot-latest",
            format!("/v1/snapshots/latest?tenant_id={tenant}&channels=stable"),
        ),
        1 => world.call("snapshot-get", format!("/v1/snapshots/{id}")),
        2 => world.call("snapshot-bundle", format!("/v1/snapshots/{id}/bundle")),
        _ => world.call("snapshot-generate", "/v1/snapshots/generate").json(&asking(tenant)),
    };
    let (answer, record) = call.on(&world.stack.services).await;
    assert!(matches!(answer.status, 200 | 201), "{way}: {:#}", answer.body);
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_nobody_uses_ends_and_its_sequence_goes_on_once_it_is_asked_for() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    world.release("prod_app", "1.0.0").await;
    let first = stream(&world, "tenant_own").await;
    renew(&world.stack.services, "tenant_own", 0).await;
    test_clock.advance(days(LIMIT - 1));
    renew(&world.stack.services, "tenant_own", 1).await;
    let stream = active(&world, "tenant_own").await;
    assert_eq!(stream[0]["latest"]["sequence"], 2, "it is renewed until then");

    test_clock.advance(days(2));
    let before = Rows::of(&world).await;
    renew(&world.stack.services, "tenant_own", 2).await;
    assert_eq!(active(&world, "tenant_own").await, Vec::<Value>::new());
    let rows = Rows::of(&world).await;
    assert_eq!(rows.audited("snapshot_stream.deleted", text(&first, "stream")), 1);
    assert_eq!(rows.with("STREAMUSES#", "").count(), 0, "its use goes with it");
    assert!(rows.since(&before).contains_key("~STREAMS"));
    // The stream of all channels was not read either, and answers for it.
    let latest = world.get("/v1/snapshots/latest?tenant_id=tenant_own&channels=stable").await;
    assert_eq!(latest.expect(200)["stream"], "all");

    let again = world.post("/v1/snapshots/generate", asking("tenant_own")).await.expect(201);
    assert_eq!((&again["stream"], &again["sequence"]), (&first["stream"], &json!(3)));
    renew(&world.stack.services, "tenant_own", 3).await;
    assert_eq!(active(&world, "tenant_own").await.len(), 1, "its time begins anew");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_use_a_stream_keeps_it_and_costs_a_write_a_day_at_the_most() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    // Snapshots that are a year old are there as long as this test needs them.
    let config = json!({ "retention": { "cleanup_enabled": false } });
    world.put("/v1/snapshots/config", config).await.expect(200);
    world.release("prod_app", "1.0.0").await;
    let tenants = ["tenant_latest", "tenant_get", "tenant_bundle", "tenant_generate"];
    let mut first = Vec::new();
    for tenant in tenants {
        first.push(stream(&world, tenant).await);
    }
    for month in 0..8 {
        test_clock.advance(days(60));
        for (way, tenant) in tenants.into_iter().enumerate() {
            use_stream(&world, way, tenant, &first[way]).await;
            let again = use_stream(&world, way, tenant, &first[way]).await;
            assert_eq!(again.dynamodb_write_units.to_string(), "0", "{tenant}, month {month}");
            renew(&world.stack.services, tenant, month).await;
            assert_eq!(active(&world, tenant).await.len(), 1, "{tenant}, month {month}");
        }
    }
    test_clock.advance(days(LIMIT + 1));
    for tenant in tenants {
        renew(&world.stack.services, tenant, 100).await;
        assert_eq!(active(&world, tenant).await, Vec::<Value>::new(), "{tenant}");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_use_that_can_t_be_recorded_fails_no_read() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    world.release("prod_app", "1.0.0").await;
    let first = stream(&world, "tenant_own").await;
    test_clock.advance(days(2));
    let id = text(&first, "snapshot_id");
    let services = without_calls_about("STREAMUSES#", &world, &test_clock);
    for (op, path) in [
        ("snapshot-latest", "/v1/snapshots/latest?tenant_id=tenant_own&channels=stable".to_owned()),
        ("snapshot-get", format!("/v1/snapshots/{id}")),
        ("snapshot-bundle", format!("/v1/snapshots/{id}/bundle")),
    ] {
        let before = Rows::of(&world).await;
        let (answer, _) = world.call(op, path).on(&services).await;
        assert_eq!(answer.expect(200)["snapshot_id"], first["snapshot_id"], "{op}");
        assert_eq!(Rows::of(&world).await, before, "{op}: it was not recorded");
    }
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_narrower_channels_keeps_the_stream_that_answers() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    world.publish("prod_app", "1.0.0", "stable").await;
    world.publish("prod_app", "1.0.0", "beta").await;
    let both = json!({ "tenant_id": "tenant_acme", "channels": ["stable", "beta"] });
    world.generate_snapshot(both).await;
    test_clock.advance(days(60));
    let path = "/v1/snapshots/latest?tenant_id=tenant_acme&channels=beta";
    assert_ne!(world.get(path).await.expect(200)["stream"], "all");
    test_clock.advance(days(60));
    renew(&world.stack.services, "tenant_acme", 0).await;
    assert_eq!(active(&world, "tenant_acme").await.len(), 1);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_lifetime_of_snapshots_gives_streams_twice_as_long() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    world.put("/v1/snapshots/config", json!({ "lifetime": "100d" })).await.expect(200);
    world.release("prod_app", "1.0.0").await;
    stream(&world, "tenant_own").await;
    test_clock.advance(days(200));
    renew(&world.stack.services, "tenant_own", 0).await;
    assert_eq!(active(&world, "tenant_own").await.len(), 1);
    test_clock.advance(days(2));
    renew(&world.stack.services, "tenant_own", 1).await;
    assert_eq!(active(&world, "tenant_own").await.len(), 0);
    world.stack.stop().await;
}

/// Makes the stream of `first` one of an earlier version, which recorded no use.
async fn forget_use(world: &World, tenant: &str, first: &Value) {
    let dynamodb = slipway_aws::Clients::local(&world.stack.local).dynamodb;
    let key = |text: &str| aws_sdk_dynamodb::types::AttributeValue::S(text.to_owned());
    let delete = dynamodb.delete_item().table_name(&world.stack.settings.table);
    let delete = delete.key("PK", key(&format!("STREAMUSES#{tenant}")));
    delete.key("SK", key(text(first, "stream"))).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_time_of_a_stream_of_an_earlier_version_begins_with_its_next_renewal() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    world.release("prod_app", "1.0.0").await;
    let first = stream(&world, "tenant_own").await;
    forget_use(&world, "tenant_own", &first).await;
    assert_eq!(Rows::of(&world).await.with("STREAMUSES#", "").count(), 0);

    test_clock.advance(days(200));
    for later in [0, LIMIT - 1] {
        test_clock.advance(days(later));
        renew(&world.stack.services, "tenant_own", later).await;
        assert_eq!(active(&world, "tenant_own").await.len(), 1, "after {later} days");
    }
    test_clock.advance(days(2));
    renew(&world.stack.services, "tenant_own", 200).await;
    assert_eq!(active(&world, "tenant_own").await.len(), 0);
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_order_of_uses_and_renewals_a_stream_ends_after_its_time_and_not_before() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    world.release("prod_app", "1.0.0").await;
    let first = stream(&world, "tenant_own").await;
    let (mut day, mut last_use, mut ends) = (0, 0, 0);
    let mut random: u64 = 0x5eed;
    for step in 0..150 {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (what, pause) = ((random >> 33) % 4, i64::try_from((random >> 40) % 70).unwrap());
        test_clock.advance(days(pause));
        day += pause;
        let is_active = !active(&world, "tenant_own").await.is_empty();
        if what == 0 && is_active {
            use_stream(&world, 0, "tenant_own", &first).await;
            last_use = day;
        } else if what == 1 {
            use_stream(&world, 3, "tenant_own", &first).await;
            last_use = day;
        } else if is_active {
            renew(&world.stack.services, "tenant_own", step).await;
            let ended = active(&world, "tenant_own").await.is_empty();
            // The clock goes on between the steps, so that the last day is neither here nor there.
            assert!(!ended || day - last_use > LIMIT - 2, "step {step}: {day}, used {last_use}");
            assert!(ended || day - last_use < LIMIT + 1, "step {step}: {day}, used {last_use}");
            ends += usize::from(ended);
        }
    }
    assert!(ends > 3, "{ends}");
    world.stack.stop().await;
}

/// A stream of a tenant of its own, so old that the next renewal ends it, beside the one of all
/// channels.
async fn unused(world: &World, test_clock: &TestClock, tenant: &str) {
    stream(world, tenant).await;
    world.generate_snapshot(json!({ "tenant_id": tenant })).await;
    test_clock.advance(days(LIMIT + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_at_the_moment_of_the_end_is_answered_from_a_stream_that_goes_on() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    world.release("prod_app", "1.0.0").await;
    let (mut kept, mut ended) = (0, 0);
    for at in 1.. {
        let tenant = format!("tenant_r{at}");
        unused(&world, &test_clock, &tenant).await;
        let services = Arc::clone(&world.stack.services);
        let renewed = tenant.clone();
        let lapse: Change = Box::pin(async move { renew(&services, &renewed, 0).await });
        let path = format!("/v1/snapshots/latest?tenant_id={tenant}&channels=stable");
        let call = world.call("snapshot-latest", path);
        let read = async |services| call.on(&services).await.0;
        let Some(answer) = interleaved((&world, &test_clock), at, lapse, read).await else { break };
        let answer = answer.expect(200);
        let is_active = active(&world, &tenant).await.len() == 1;
        let is_of_stream = answer["stream"] != "all";
        assert_eq!(is_of_stream, is_active, "call {at}: who has read it keeps it");
        kept += usize::from(is_active);
        ended += usize::from(!is_active);
    }
    println!("{kept} kept, {ended} ended");
    assert!(kept >= 1 && ended >= 3, "{kept} kept, {ended} ended");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_at_the_moment_of_a_read_or_a_request_gives_way() {
    for way in [0, 3] {
        let test_clock = TestClock::default();
        let world = world(&test_clock).await;
        world.release("prod_app", "1.0.0").await;
        let mut kept = 0;
        for at in 1.. {
            let tenant = format!("tenant_e{at}");
            unused(&world, &test_clock, &tenant).await;
            let path = format!("/v1/snapshots/latest?tenant_id={tenant}&channels=stable");
            let call = match way {
                0 => world.call("snapshot-latest", path),
                _ => {
                    world.call("snapshot-generate", "/v1/snapshots/generate").json(&asking(&tenant))
                }
            };
            let services = Arc::clone(&world.stack.services);
            let answered = Arc::new(std::sync::Mutex::new(Value::Null));
            let answers = Arc::clone(&answered);
            let read: Change = Box::pin(async move {
                let (answer, _) = call.on(&services).await;
                assert!(matches!(answer.status, 200 | 201), "{:#}", answer.body);
                *answers.lock().unwrap() = answer.body;
            });
            let renewal = async |services: Arc<Services>| renew(&services, &tenant, 0).await;
            if interleaved((&world, &test_clock), at, read, renewal).await.is_none() {
                break;
            }
            let is_active = active(&world, &tenant).await.len() == 1;
            let is_of_stream = answered.lock().unwrap()["stream"] != "all";
            assert_eq!(is_of_stream, is_active, "{way}, call {at}");
            kept += usize::from(is_active);
        }
        assert!(kept >= 5, "{way}: {kept} kept");
        world.stack.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_at_the_moment_of_a_read_leaves_no_use_behind() {
    let test_clock = TestClock::default();
    let world = world(&test_clock).await;
    world.release("prod_app", "1.0.0").await;
    for at in 1.. {
        let tenant = format!("tenant_d{at}");
        let first = stream(&world, &tenant).await;
        world.generate_snapshot(json!({ "tenant_id": tenant })).await;
        let row = format!("STREAMUSES#{tenant}");
        // Of an earlier version: the read makes the row.
        forget_use(&world, &tenant, &first).await;
        let path = format!("/v1/tenants/{tenant}/streams/{}", text(&first, "stream"));
        let call = world.call("snapshot-stream-delete", path);
        let services = Arc::clone(&world.stack.services);
        let delete: Change = Box::pin(async move {
            assert_eq!(call.on(&services).await.0.status, 204);
        });
        let path = format!("/v1/snapshots/latest?tenant_id={tenant}&channels=stable");
        let call = world.call("snapshot-latest", path);
        let read = async |services| call.on(&services).await.0.expect(200);
        if interleaved((&world, &test_clock), at, delete, read).await.is_none() {
            assert!(at > 5, "{at}: are calls still counted?");
            break;
        }
        assert_eq!(Rows::of(&world).await.with(&row, "").count(), 0, "call {at}");
    }
    world.stack.stop().await;
}
