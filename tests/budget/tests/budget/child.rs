//! A function instance in a process of its own: this test binary, started again, alone or under
//! valgrind.

use std::process::Command;
use std::sync::Arc;

use jiff::SignedDuration;
use slipway_aws::{Clients, Local};
use slipway_edge::{
    ArtifactStore, ExternalAccess, RegistryAccess, Services, Settings, TrustedIssuerSettings,
};
use slipway_test_support::{Call, Value, json};

use crate::budget_world::{BudgetWorld, clock, decisions};
use crate::snapshots::generate;

/// What the instance needs to know, as JSON.
const KNOWS: &str = "SLIPWAY_TEST_INSTANCE";

/// What an instance does.
#[derive(Debug, Clone, Copy)]
pub enum Work {
    /// One cold decision about a product, and so many warm ones.
    Decide(usize),
    /// Nothing but warming up, and then so many snapshots.
    Generate(usize),
    /// So many publications of what the channel with so many live releases has.
    Publish(u64, usize),
}

/// The arguments with which this binary is an instance that does `work`, and the variable that
/// tells it how.
pub fn instance(fixture: &BudgetWorld, work: Work) -> ([&'static str; 5], (&'static str, String)) {
    let Local { dynamodb_url, s3_url, access_key_id, secret_access_key, .. } =
        &fixture.world.stack.local;
    let Settings { table, bucket, key_directory, .. } = &fixture.world.stack.settings;
    let (name, times, live) = match work {
        Work::Decide(times) => ("child::decisions_of_an_instance", times, 0),
        Work::Generate(times) => ("child::snapshots_of_an_instance", times, 0),
        Work::Publish(live, times) => ("child::publications_of_an_instance", times, live),
    };
    let knows = json!({
        "dynamodb_url": dynamodb_url, "s3_url": s3_url, "access_key_id": access_key_id, "secret_access_key": secret_access_key,
        "table": table, "bucket": bucket, "key_directory": key_directory, "token": fixture.world.stack.admin_token, "times": times,
        "product": crate::histories::product(live),
    });
    (["--exact", name, "--ignored", "--nocapture", "--test-threads=1"], (KNOWS, knows.to_string()))
}

/// A command that is an instance.
pub fn command(fixture: &BudgetWorld, work: Work) -> Command {
    let (arguments, (name, value)) = instance(fixture, work);
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments).env(name, value);
    command
}

fn knows() -> Option<Value> {
    Some(serde_json::from_str(&std::env::var(KNOWS).ok()?).unwrap())
}

/// What this process was told, if it was started as an instance: its services, the bootstrap token,
/// and how often to do what it does.
fn told() -> Option<(Arc<Services>, String, usize)> {
    let knows = knows()?;
    let text = |name: &str| knows[name].as_str().unwrap().to_owned();
    let local = Local {
        dynamodb_url: text("dynamodb_url"),
        s3_url: text("s3_url"),
        // It starts no job.
        lambda_url: String::new(),
        s3_public_url: None,
        access_key_id: text("access_key_id"),
        secret_access_key: text("secret_access_key"),
    };
    let settings = Settings {
        table: text("table"),
        bucket: text("bucket"),
        store: ArtifactStore::AWS,
        admin_token: slipway_domain::Sha256::of(text("token").as_bytes()),
        decision_cache: SignedDuration::from_secs(5),
        adoption_interval: None,
        outcomes_per_hour: 100,
        presign_lifetime: SignedDuration::from_mins(15),
        audit_retention: None,
        key_directory: Some(text("key_directory").into()),
        public_url: None,
        batch_window: SignedDuration::from_secs(300),
        stack: None,
        metrics_stack: None,
        stack_id: None,
        external: ExternalAccess::to_hosts(Vec::new()),
        webhooks: ExternalAccess::to_hosts(Vec::new()),
        registries: RegistryAccess::default(),
        secret_directory: None,
        envelope_key: None,
        operators: None,
        trusted_issuers: TrustedIssuerSettings::default(),
    };
    let times = usize::try_from(knows["times"].as_u64().unwrap()).unwrap();
    Some((Services::new(&settings, &Clients::local(&local), clock()), text("token"), times))
}

/// Runs `work` as Lambda does, on one thread, and ends the process.
fn run(work: impl Future<Output = ()>) -> ! {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
    std::process::exit(0)
}

#[test]
#[ignore = "a function instance whose instructions are counted"]
fn decisions_of_an_instance() {
    let Some((services, _, warm)) = told() else { return };
    let call = Call::new("decision", "/v1/decision").json(&decisions(1));
    run(async move {
        for _ in 0..=warm {
            assert_eq!(call.on(&services).await.0.status, 200);
        }
    })
}

#[test]
#[ignore = "a function instance whose instructions are counted and whose memory is measured"]
fn snapshots_of_an_instance() {
    let Some((services, token, times)) = told() else { return };
    run(async move {
        // A tenant without products warms up what a first request makes: connections, keys,
        // buffers.
        assert_eq!(generate("tenant_none", &token).on(&services).await.0.status, 201);
        let idle = crate::memory::peak();
        for _ in 0..times {
            assert_eq!(generate("tenant_abc123", &token).on(&services).await.0.status, 201);
        }
        println!("\nmeasured {}", crate::memory::peak() - idle);
    })
}

#[test]
#[ignore = "a function instance whose instructions are counted"]
fn publications_of_an_instance() {
    let Some((services, token, times)) = told() else { return };
    let product = knows().unwrap()["product"].as_str().unwrap().to_owned();
    run(async move {
        let latest = format!("/v1/products/{product}/releases/latest");
        let latest = Call::new("product-release-latest", latest).bearer(&token);
        let mut release = latest.on(&services).await.0.expect(200);
        for number in 0..times {
            release["version"] = json!(format!("{}.{number}.0", 100 + times));
            let body = crate::histories::request_like(&release);
            let call = Call::new("release-create", "/v1/releases").bearer(&token).json(&body);
            assert_eq!(call.on(&services).await.0.status, 201);
        }
    })
}
