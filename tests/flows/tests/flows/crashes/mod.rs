//! A function that dies between any two of its calls to DynamoDB or S3 leaves the old state or the
//! new one, and the same request, sent again, does what the first one should have done.

mod bundles;
mod catalog;
mod components;
mod halting;
mod open_channels;
mod promotions;
mod releases;
mod required_releases;
mod rollouts;
mod sign_off;
mod snapshots;
mod uploads;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use slipway_edge::services::webhooks;
use slipway_edge::{RegistryAccess, Services};
use slipway_test_support::{
    Call, EventDelivery, Options, TestClock, TestResponse, Value, World, finish_upload, json,
    perform_until,
};
use std::sync::Arc;

use crate::faults::{CrashPlan, CrashPoint};
use crate::rows::{Rows, Shape};

/// What a function does.
#[derive(Debug, Clone)]
pub enum Action {
    /// It answers a call.
    Call(Call),
    /// It finishes the upload with this id, because S3 says that bytes have arrived.
    FinishUpload(String),
    /// It is the job of this name, which an event starts, and has no time for more than one step.
    Job(&'static str, Value),
}

/// What the same act does once the first one has had its effect.
#[derive(Debug, Clone, Copy)]
pub enum OnRepeat {
    /// Nothing more: it succeeds, and changes nothing.
    Nothing,
    /// It is done once more, as it would be for anybody who asks twice.
    OnceMore,
    /// It is refused with this status and code.
    Refused(u16, &'static str),
}

/// Makes what an act needs; the number makes each one different.
pub type Prepare = for<'a> fn(&'a World, u64) -> BoxFuture<'a, Action>;

/// Something to be interrupted everywhere.
pub struct Scenario {
    /// What it is called in the report.
    name: &'static str,
    prepare: Prepare,
    /// What comes of repeating it.
    again: OnRepeat,
    /// How much time passes between what it needs and the act.
    delay: SignedDuration,
}

impl Scenario {
    /// One that changes nothing more where it is repeated.
    const fn new(name: &'static str, prepare: Prepare) -> Self {
        Self { name, prepare, again: OnRepeat::Nothing, delay: SignedDuration::ZERO }
    }

    /// The same, but for what comes of repeating it.
    const fn again(self, again: OnRepeat) -> Self {
        Self { again, ..self }
    }

    /// The same, but for the time that passes before the act.
    const fn after(self, delay: SignedDuration) -> Self {
        Self { delay, ..self }
    }
}

/// A function's answer, without what differs from call to call.
#[derive(Debug, Clone, PartialEq)]
struct Outcome {
    status: u16,
    body: Value,
    replayed: bool,
}

impl Action {
    async fn on(&self, services: &Arc<Services>) -> Outcome {
        match self {
            Self::Call(call) => Outcome::of(&call.on(services).await.0),
            Self::FinishUpload(upload) => Outcome::of_job(&finish_upload(services, upload).await.0),
            Self::Job(name, event) => {
                let ends_at = Timestamp::UNIX_EPOCH;
                let (outcome, _) = perform_until(services, name, event.clone(), ends_at).await;
                Outcome::of_job(&outcome)
            }
        }
    }

    /// Whether it has an idempotency key.
    fn has_key(&self) -> bool {
        matches!(self, Self::Call(call) if call.has_header("idempotency-key"))
    }

    /// The act with an idempotency key of its own.
    fn keyed(self, number: u64) -> Self {
        match self {
            Self::Call(call) => {
                Self::Call(call.header("idempotency-key", &format!("key-{number}")))
            }
            job @ (Self::FinishUpload(_) | Self::Job(..)) => job,
        }
    }
}

impl Outcome {
    fn of_job(outcome: &slipway_edge::Result<()>) -> Self {
        let status = if outcome.is_ok() { 200 } else { 500 };
        Self { status, body: Value::Null, replayed: false }
    }

    fn of(answer: &TestResponse) -> Self {
        Self {
            status: answer.status,
            body: answer.body.clone(),
            replayed: answer.header("idempotency-replayed").is_some(),
        }
    }

    fn is(&self, code: &str) -> bool {
        self.body["error"]["code"] == code
    }
}

/// What an act that nothing interrupts comes to.
struct UndisturbedRun {
    outcome: Outcome,
    shape: Shape,
}

/// Where scenarios are played: a stack that carries out no job by itself.
struct CrashStage {
    world: World,
    test_clock: TestClock,
    number: u64,
}

impl CrashStage {
    async fn set() -> Self {
        let test_clock = TestClock::default();
        let decision_cache = SignedDuration::ZERO;
        let world = World::with(Options {
            events: EventDelivery::Disabled,
            webhooks: webhooks(vec!["*".to_owned()]),
            registries: RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]),
            clock: test_clock.clock(),
            decision_cache,
            ..Options::ephemeral()
        })
        .await;
        Self { world, test_clock, number: 0 }
    }

    async fn act(&mut self, scenario: &Scenario, keys: Keys) -> Action {
        self.number += 1;
        let act = (scenario.prepare)(&self.world, self.number).await;
        self.test_clock.advance(scenario.delay);
        if keys == Keys::Sent { act.keyed(self.number) } else { act }
    }

    /// Plays a scenario without a fault.
    async fn whole(&mut self, scenario: &Scenario, keys: Keys) -> UndisturbedRun {
        let act = self.act(scenario, keys).await;
        let before = Rows::of(&self.world).await;
        let outcome = act.on(&self.world.stack.services).await;
        let rows = Rows::of(&self.world).await;
        rows.agree();
        let shape = rows.since(&before);
        assert!(!shape.is_empty(), "{}: nothing has changed: {outcome:?}", scenario.name);
        UndisturbedRun { outcome, shape }
    }

    /// Plays a scenario with a fault at every call, and tells at how many.
    async fn everywhere(&mut self, scenario: &Scenario, keys: Keys, death: CrashPoint) -> u64 {
        let whole = self.whole(scenario, keys).await;
        for at in 1.. {
            let act = self.act(scenario, keys).await;
            let before = Rows::of(&self.world).await;
            let fate = CrashPlan::new(death, at);
            let outcome = fate.live(act.on(&fate.services(&self.world, &self.test_clock))).await;
            let place = format!("{} {keys:?} {death:?} at call {at}", scenario.name);
            if let Some(outcome) = outcome.filter(|outcome| outcome.status < 500) {
                assert_eq!(outcome.status, whole.outcome.status, "{place}: {outcome:?}");
                return at - 1;
            }
            self.old_or_new(&place, scenario, &act, &before, &whole).await;
            if keys == Keys::Sent {
                self.replayed(&place, &act, &before).await;
            }
        }
        unreachable!("an act has an end")
    }

    async fn old_or_new(
        &self,
        place: &str,
        scenario: &Scenario,
        act: &Action,
        before: &Rows,
        whole: &UndisturbedRun,
    ) {
        let found = Rows::of(&self.world).await;
        found.agree();
        let shape = found.since(before);
        assert!(
            shape.is_empty() || shape == whole.shape,
            "{place}: half done: {shape:?}, not {:?}",
            whole.shape
        );

        let outcome = act.on(&self.world.stack.services).await;
        let rows = Rows::of(&self.world).await;
        rows.agree();
        let further = rows.since(&found);
        let succeeded = [whole.outcome.status, 200].contains(&outcome.status);
        let right = match scenario.again {
            _ if shape.is_empty() => {
                outcome.status == whole.outcome.status && further == whole.shape
            }
            _ if act.has_key() || outcome.replayed => {
                outcome.replayed && outcome.status == whole.outcome.status && further.is_empty()
            }
            OnRepeat::Nothing => succeeded && further.is_empty(),
            OnRepeat::OnceMore => succeeded,
            OnRepeat::Refused(status, code) => {
                outcome.status == status && outcome.is(code) && further.is_empty()
            }
        };
        assert!(right, "{place}: left {shape:?}; again: {outcome:?} {further:?}");
    }

    /// Makes sure that an act with a key, which has had its effect by now, is answered the same
    /// whenever it is repeated, and that the answer is about what is there since `before`.
    async fn replayed(&self, place: &str, act: &Action, before: &Rows) {
        let first = act.on(&self.world.stack.services).await;
        self.test_clock.advance(SignedDuration::from_secs(62));
        let second = act.on(&self.world.stack.services).await;
        assert!(first.replayed && first == second, "{place}: {first:?}, then {second:?}");
        let rows = Rows::of(&self.world).await;
        let mut audited: Vec<&str> = rows.audited_since(before).collect();
        if audited.len() > 1 {
            // A file that is registered for a release is an artifact too, which has an event of its
            // own.
            audited.retain(|subject| !subject.starts_with("art_"));
        }
        let [subject] = audited[..] else { panic!("{place}: {audited:?} happened, not one thing") };
        assert!(first.body.to_string().contains(subject), "{place}: {subject}, {first:?}");
    }
}

/// Whether requests bring an `Idempotency-Key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keys {
    Sent,
    None,
}

/// Plays every scenario with every death at every call, and makes sure that there were at least
/// `expected` such points. The stack is left as it is then.
async fn play(scenarios: &[Scenario], keys: Keys, expected: u64) -> World {
    let mut stage = CrashStage::set().await;
    let mut total = 0;
    for scenario in scenarios {
        let mut points = Vec::new();
        for death in CrashPoint::ALL {
            points.push(stage.everywhere(scenario, keys, death).await);
        }
        println!("{:<40} {keys:?}: interrupted at {points:?} calls", scenario.name);
        total += points.iter().sum::<u64>();
    }
    println!("{total} points in all");
    assert!(total >= expected, "{total} points, not {expected}: are calls still counted?");
    stage.world
}

/// A product of its own for a scenario's number.
async fn product(world: &World, number: u64) -> String {
    let id = format!("prod_crash{number}");
    world.post("/v1/products", json!({ "product_id": id, "name": id })).await.expect(201);
    id
}
