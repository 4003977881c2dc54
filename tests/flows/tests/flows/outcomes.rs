//! Outcomes: whatever clients report, and wherever a function dies meanwhile, counters are what a
//! plain list of the clients' last outcomes says.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use slipway_test_support::{
    Call, EventDelivery, Options, TestClock, Value, World, json, release_path,
};

use crate::faults::{CrashPlan, CrashPoint};

const CLIENTS: u64 = 5;
const STEPS: u64 = 90;

/// A client's last outcome, with its class and day.
type Reference = BTreeMap<u64, (String, Option<String>, String)>;

/// A number that looks random, and is the same each time.
fn scrambled(number: u64) -> u64 {
    let mixed = (number ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 29)
}

fn report(step: u64) -> (u64, &'static str, Option<&'static str>) {
    let random = scrambled(step);
    let client = random / 9 % CLIENTS;
    let outcome = ["installed", "failed", "rolled_back"][usize::try_from(random % 3).unwrap()];
    // One class for each client: which of several new ones has a name depends on its counter.
    let class = [Some("disk_full"), Some("crash")][usize::from(client % 2 == 1)];
    let class = class.filter(|_| outcome != "installed" && !(random / 3).is_multiple_of(3));
    (client, outcome, class)
}

/// What the health of a release has to say, by day.
fn expected(reference: &Reference) -> BTreeMap<String, Value> {
    let mut days: BTreeMap<String, Value> = BTreeMap::new();
    let add = |value: &mut Value| *value = json!(value.as_u64().unwrap_or(0) + 1);
    for (outcome, class, date) in reference.values() {
        let day = days.entry(date.clone()).or_insert_with(|| {
            json!({ "date": date, "offered": 0, "installed": 0, "failed": 0, "rolled_back": 0, "error_classes": {} })
        });
        add(&mut day[outcome]);
        if let Some(class) = class {
            add(&mut day["error_classes"][class]);
        }
    }
    days
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_are_what_a_list_of_last_outcomes_says_whatever_crashes() {
    let clock = TestClock::default();
    let options = Options {
        events: EventDelivery::Disabled,
        outcomes_per_hour: 1_000,
        clock: clock.clock(),
        ..Options::ephemeral()
    };
    let world = World::with(options).await;
    world.product("prod_app").await;
    let release = world.release("prod_app", "1.0.0").await;
    let mut reference = Reference::new();
    let mut crashes = 0;
    for step in 0..STEPS {
        let (client, outcome, class) = report(step);
        let body = json!({
            "release_id": release["release_id"], "client_id": format!("client-{client}"),
            "outcome": outcome, "error_class": class,
        });
        let call = Call::new("decision-outcome", "/v1/decision/outcome").json(&body);
        // Each of the calls that a report makes is the last one for some, with every death.
        let death = CrashPoint::ALL[usize::try_from(step).unwrap() % CrashPoint::ALL.len()];
        let fate = CrashPlan::new(death, step / 3 % 7 + 1);
        let services = fate.services(&world, &clock);
        let answered =
            fate.live(call.on(&services)).await.is_some_and(|(answer, _)| answer.status == 200);
        if !answered {
            crashes += 1;
            // The client asks again.
            call.on(&world.stack.services).await.0.expect(200);
        }
        let (outcome, class) = (outcome.to_owned(), class.map(str::to_owned));
        let now = clock.clock().now().to_string();
        let is_new = |(before, class_before, _): &(String, Option<String>, String)| {
            (before, class_before) != (&outcome, &class)
        };
        if reference.get(&client).is_none_or(is_new) {
            reference.insert(client, (outcome, class, now[..10].to_owned()));
        }
        if step % 30 == 29 {
            clock.advance(SignedDuration::from_hours(24));
        }
        let health = world.get(&release_path(&release, "/health")).await.expect(200);
        let expected: Vec<Value> = expected(&reference).into_values().rev().collect();
        assert_eq!(health["days"], json!(expected), "step {step}");
    }
    assert!(crashes > 30, "{crashes}: are calls still counted?");
    world.stack.stop().await;
}
