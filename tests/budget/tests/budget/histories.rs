//! Channels with long histories: what is asked and changed on them costs the same whatever their
//! length.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use slipway_aws::Clients;
use slipway_catalog::schema::{self, DOC, Key, PK, SK};
use slipway_domain::{Channel, ProductId, Version};
use slipway_edge::telemetry::LogRecord;
use slipway_test_support::{Call, Value, World, json, release_path, text};

use crate::budget_world::{BudgetWorld, clock};
use crate::child::Work;
use crate::instructions::{can_be_counted, instructions};
use crate::operations::CostMeter;

type Item = HashMap<String, AttributeValue>;

/// What an artifact of a release runs on.
pub type Machine = (&'static str, &'static str, &'static str);

/// What the artifacts of a release run on.
pub const MACHINES: [Machine; 6] = [
    ("windows", "x86_64", "msi"),
    ("windows", "arm64", "msi"),
    ("macos", "x86_64", "pkg"),
    ("macos", "arm64", "pkg"),
    ("linux", "x86_64", "deb"),
    ("linux", "arm64", "deb"),
];
/// What the first release also runs on, and no other.
const FORMER: Machine = ("windows", "x86", "msi");
/// What DynamoDB takes at once.
const AT_ONCE: usize = 25;
/// The most that a change of a release may write, in units.
const WRITE_UNITS: f64 = 40.0;
/// The same of one that makes a release, and with it the pointer of its id.
const CREATION_UNITS: f64 = 42.0;
/// The same of one that is promoted: the one that it is promoted from must stay as it is.
const PROMOTION_UNITS: f64 = 44.0;
/// The most that a decision about the newest release may read, in units.
const READ_UNITS: f64 = 2.0;

/// The product whose channel `stable` has so many live releases.
pub fn product(live: u64) -> String {
    format!("prod_h{live}")
}

/// The request for a release with the product, version, artifacts and metadata of `release`.
pub fn request_like(release: &Value) -> Value {
    let names = ["artifact_id", "platform", "arch", "installer_type"];
    let part = |artifact: &Value| -> Value {
        names.into_iter().map(|name| (name.to_owned(), artifact[name].clone())).collect()
    };
    let artifacts: Value = release["artifacts"].as_array().unwrap().iter().map(part).collect();
    json!({
        "product_id": release["product_id"], "version": release["version"], "channel": "stable",
        "artifacts": artifacts, "metadata": release["metadata"],
    })
}

/// A product whose channel `stable` has many live releases.
pub struct History {
    product: String,
    artifacts: Vec<Value>,
    /// Whether clients may skip none of its releases.
    is_required: bool,
    /// Number of live releases.
    pub live: u64,
}

impl History {
    /// A channel with `live` releases of six uploaded artifacts and 600 bytes of notes: the first
    /// and the last are published, and those between are rows as publishing writes them.
    pub async fn with(fixture: &BudgetWorld, live: u64) -> Self {
        Self::of(fixture, live, product(live), false).await
    }

    /// The same, where clients may skip no release.
    pub async fn of_required(fixture: &BudgetWorld, live: u64) -> Self {
        Self::of(fixture, live, format!("prod_required{live}"), true).await
    }

    async fn of(fixture: &BudgetWorld, live: u64, product: String, is_required: bool) -> Self {
        fixture.world.product(&product).await;
        let mut artifacts = Vec::new();
        for seed in 0..MACHINES.len() as u64 {
            let upload = fixture.world.arrived_checked(live * 10 + seed, 64).await;
            artifacts
                .push(fixture.world.complete(&upload).await.expect(200)["artifact_id"].clone());
        }
        let mut history = Self { product, artifacts, is_required, live: 0 };
        history.publish(fixture, "1.0.0", &[&MACHINES[..], &[FORMER]].concat()).await;
        history.publish(fixture, "1.1.0", &MACHINES).await;
        history.fill(fixture, live).await;
        history.publish(fixture, "2.0.0", &MACHINES).await;
        let head = read_row(fixture, schema::head(&history.place().0, &history.place().1)).await;
        let head: Value = serde_json::from_str(head[DOC].as_s().unwrap()).unwrap();
        assert_eq!(head["summary"]["live"], live);
        history
    }

    /// The request for a release.
    fn request(&self, version: &str, machines: &[Machine]) -> Value {
        let mut request = World::release_of(&self.product, version, "stable", "");
        let artifacts = machines.iter().enumerate().map(|(index, (platform, arch, installer))| {
            let artifact = &self.artifacts[index % self.artifacts.len()];
            json!({ "artifact_id": artifact, "platform": platform, "arch": arch, "installer_type": installer })
        });
        request["artifacts"] = artifacts.collect();
        request["metadata"] = json!({ "release_notes": "x".repeat(600) });
        request["required"] = json!(self.is_required);
        request
    }

    /// The call that publishes a release for all machines.
    pub fn create(&self, version: &str, token: &str) -> Call {
        let call = Call::new("release-create", "/v1/releases").bearer(token);
        call.json(&self.request(version, &MACHINES))
    }

    async fn publish(&mut self, fixture: &BudgetWorld, version: &str, machines: &[Machine]) {
        let request = self.request(version, machines);
        fixture.world.post("/v1/releases", request).await.expect(201);
        self.live += 1;
    }

    /// Adds rows until one release is missing. The head is left as version 0.1.0 would have it, so
    /// that the next publication counts them.
    async fn fill(&mut self, fixture: &BudgetWorld, live: u64) {
        let client = Clients::local(&fixture.world.stack.local).dynamodb;
        let table = &fixture.world.stack.settings.table;
        let (product, channel) = self.place();
        let pattern =
            read_row(fixture, schema::release(&product, &channel, &"1.1.0".parse().unwrap())).await;
        let mut head = read_row(fixture, schema::head(&product, &channel)).await;
        let mut doc: Value = serde_json::from_str(head[DOC].as_s().unwrap()).unwrap();
        doc.as_object_mut().unwrap().remove("summary");
        head.insert(DOC.to_owned(), AttributeValue::S(doc.to_string()));

        let added = (2..live - 1).map(|minor| renamed(&pattern, &product, &channel, minor));
        let mut rows: Vec<Item> = added.chain([head]).collect();
        if self.is_required {
            let key = |minor| schema::required_release(&product, &channel, &numbered(minor));
            let pattern = read_row(fixture, key(1)).await;
            rows.extend((2..live - 1).map(|minor| renamed_required(&pattern, key(minor), minor)));
        }
        self.live = live - 1;
        for some in rows.chunks(AT_ONCE) {
            let puts = some.iter().map(|row| {
                let put = PutRequest::builder().set_item(Some(row.clone())).build().unwrap();
                WriteRequest::builder().put_request(put).build()
            });
            let request = client.batch_write_item().request_items(table, puts.collect());
            let answer = request.send().await.unwrap();
            assert!(answer.unprocessed_items().is_none_or(HashMap::is_empty));
        }
    }

    /// What a client of the first machine asks.
    pub fn ask(&self, current: &str) -> Call {
        self.decision(current, MACHINES[0])
    }

    fn place(&self) -> (ProductId, Channel) {
        (self.product.parse().unwrap(), Channel::default())
    }

    fn decision(&self, current: &str, (platform, arch, _): Machine) -> Call {
        let product = json!({
            "product_id": self.product, "current_version": current, "platform": platform, "arch": arch, "client_id": "client-1",
        });
        Call::new("decision", "/v1/decision").json(&json!({ "products": [product] }))
    }
}

async fn read_row(fixture: &BudgetWorld, Key { pk, sk }: Key) -> Item {
    let client = Clients::local(&fixture.world.stack.local).dynamodb;
    let get = client.get_item().table_name(&fixture.world.stack.settings.table);
    let get = get.key(PK, AttributeValue::S(pk)).key(SK, AttributeValue::S(sk));
    get.send().await.unwrap().item.unwrap()
}

fn numbered(minor: u64) -> Version {
    format!("1.{minor}.0").parse().unwrap()
}

/// The row by which clients find another required version.
fn renamed_required(pattern: &Item, Key { pk, sk }: Key, minor: u64) -> Item {
    let mut doc: Value = serde_json::from_str(pattern[DOC].as_s().unwrap()).unwrap();
    doc["version"] = json!(numbered(minor));
    let mut row = pattern.clone();
    for (name, value) in [(PK, pk), (SK, sk), (DOC, doc.to_string())] {
        row.insert(name.to_owned(), AttributeValue::S(value));
    }
    row
}

/// The row of another version, with the keys that it has.
fn renamed(pattern: &Item, product: &ProductId, channel: &Channel, minor: u64) -> Item {
    let version = numbered(minor);
    let mut doc: Value = serde_json::from_str(pattern[DOC].as_s().unwrap()).unwrap();
    let id = format!("rel_{minor:032}");
    doc["release_id"] = json!(id);
    doc["version"] = json!(version);
    let Key { pk, sk } = schema::release(product, channel, &version);
    let mut row = pattern.clone();
    let mut set = |name: &str, value: String| row.insert(name.to_owned(), AttributeValue::S(value));
    set(PK, pk);
    set(SK, sk);
    set(DOC, doc.to_string());
    for (index, key) in [
        schema::by_kind(schema::EntityKind::Release, clock().now(), &id),
        schema::release_of_product(product, channel, &version),
    ] {
        set(index.keys().0, key.pk);
        set(index.keys().1, key.sk);
    }
    row
}

impl CostMeter {
    /// What is asked and changed on channels with 10, 1,000 and 10,000 live releases.
    pub async fn histories(&mut self) {
        for live in [10, 1_000, 10_000] {
            let history = History::with(&self.fixture, live).await;
            self.history(&history).await;
        }
    }

    async fn history(&mut self, history: &History) {
        let on = format!("on a channel of {} live releases", history.live);
        let cold = self.cold(&history.decision("1.0.0", MACHINES[0]), "2.0.0").await;
        assert!(cold.dynamodb_requests == 1 && cold.dynamodb_read_units <= READ_UNITS, "{cold:?}");
        self.costs.add(&format!("cold, {on}"), cold);
        let former = self.cold(&history.decision("0.1.0", FORMER), "1.0.0").await;
        assert_eq!(former.dynamodb_requests, 2);
        self.costs.add(&format!("cold, the oldest release, {on}"), former);

        let token = self.fixture.world.stack.admin_token.clone();
        let create = history.create("3.0.0", &token);
        let newest = self.change_within(CREATION_UNITS, &create, &on).await;
        let staged = self.call("release-rollout", release_path(&newest, "/rollout"));
        self.change(&staged.json(&json!({ "basis_points": 0 })), &on).await;
        let held_back = self.cold(&history.decision("1.0.0", MACHINES[0]), "2.0.0").await;
        assert_eq!(held_back.dynamodb_requests, 2);
        self.costs.add(&format!("cold, held back from the newest, {on}"), held_back);
        let promoted = self.call("release-promote", release_path(&newest, "/promote"));
        let promoted = promoted.json(&json!({ "channel": "beta" }));
        self.change_within(PROMOTION_UNITS, &promoted, &on).await;
        let revoked = self.call("release-revoke", release_path(&newest, "/revoke"));
        self.change(&revoked.json(&json!({ "reason": "it costs" })), &on).await;
        let after = self.cold(&history.decision("1.0.0", MACHINES[0]), "2.0.0").await;
        assert_eq!(after.dynamodb_requests, 1);
    }

    /// What a change costs, which has to stay within its units.
    async fn change(&mut self, call: &Call, on: &str) -> Value {
        self.change_within(WRITE_UNITS, call, on).await
    }

    /// What a change costs, which has to stay within `units`.
    pub async fn change_within(&mut self, units: f64, call: &Call, on: &str) -> Value {
        let (answer, record) = Box::pin(self.fixture.cost(call)).await;
        assert!(record.dynamodb_write_units <= units, "{}: {record:?}", call.op());
        self.costs.add(&format!("6 artifacts, {on}"), record);
        answer.body
    }

    /// What a decision that offers `version` costs a function that has just started; none costs
    /// anything after it.
    pub async fn cold(&self, call: &Call, version: &str) -> LogRecord {
        let instance = self.fixture.fresh_instance();
        let (answer, record) = call.on(&instance).await;
        assert_eq!(text(&answer.expect(200)["decisions"][0], "version"), version);
        assert_eq!(call.on(&instance).await.1.dynamodb_requests, 0);
        record
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publication_takes_as_many_instructions_however_many_releases_are_live() {
    if !can_be_counted() {
        return;
    }
    let mut counted = Vec::new();
    for live in [10, 800] {
        let fixture = BudgetWorld::open().await;
        History::with(&fixture, live).await;
        counted.push(publication(&fixture, live).await);
        fixture.world.stack.stop().await;
    }
    println!("a publication takes {counted:?} instructions with 10 and 800 live releases");
    assert!(counted[1] < counted[0] + counted[0] / 10, "{counted:?}");
}

/// How many instructions a publication takes, once the instance is warm.
async fn publication(fixture: &BudgetWorld, live: u64) -> u64 {
    let one = instructions(fixture, Work::Publish(live, 1)).await;
    let two = instructions(fixture, Work::Publish(live, 2)).await;
    two - one
}
