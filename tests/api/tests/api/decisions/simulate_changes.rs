//! `POST /v1/decision/simulate`: what it says is what clients are told once the change is made

use slipway_test_support::{Method, TestResponse, Value, World, json, text};

use super::decide;

/// Numbers that look random and are the same in each run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }

    fn is(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

/// A product whose releases change at random, and what was made of them.
struct History {
    world: World,
    numbers: Numbers,
    releases: Vec<Value>,
}

/// A change as it is simulated, and the request that makes it.
struct Change {
    proposed: Value,
    method: Method,
    path: String,
    body: Value,
}

impl Change {
    fn new(proposed: Value, method: Method, path: impl Into<String>, body: Value) -> Self {
        Self { proposed, method, path: path.into(), body }
    }

    async fn make(&self, world: &World) -> TestResponse {
        let request = world.admin(self.method.clone(), &self.path);
        TestResponse::to(if self.body.is_null() { request } else { request.json(&self.body) }).await
    }
}

const CHANNELS: [&str; 3] = ["stable", "beta", "nightly"];

fn version(numbers: &mut Numbers) -> String {
    format!("{}.{}.0", 1 + numbers.below(2), numbers.below(12))
}

fn rollout(numbers: &mut Numbers) -> Value {
    let percent = numbers.pick(&[0, 40, 100, 100]);
    json!({ "percent": percent, "paused": numbers.is(6) })
}

impl History {
    async fn start(seed: u64) -> Self {
        let world = World::start().await;
        let product = json!({ "product_id": "prod_app", "name": "App", "slug": "app", "open_channels": true, "channel_follows": { "beta": ["stable"] } });
        world.post("/v1/products", product).await.expect(201);
        world.tenant("tenant_acme", json!("*")).await;
        Self { world, numbers: Numbers(seed), releases: Vec::new() }
    }

    /// A draft of a random version, on a random channel.
    async fn draft(&mut self) -> Value {
        let numbers = &mut self.numbers;
        let (version, channel) = (version(numbers), numbers.pick(&CHANNELS[..2]));
        let artifact = self.world.external(numbers.below(1 << 20) as u64).await;
        let mut body = World::release_of("prod_app", &version, channel, &artifact);
        body["draft"] = json!(true);
        body["required"] = json!(numbers.is(3));
        body["artifacts"][0]["platform"] = json!(numbers.pick(&["windows", "windows", "linux"]));
        if numbers.is(4) {
            body["metadata"] = json!({ "min_os_version": "11" });
        }
        if numbers.is(4) {
            body["min_current_version"] = json!("1.0.0-0");
        }
        let answer = self.world.post("/v1/releases", body).await;
        // A version that is taken already: one of those that are there does as well.
        if answer.status == 409 { self.release() } else { answer.body }
    }

    fn release(&mut self) -> Value {
        self.numbers.pick(&self.releases)
    }

    async fn change(&mut self) -> Change {
        let kind = if self.releases.is_empty() { 0 } else { self.numbers.below(10) };
        match kind {
            0..4 => self.publication().await,
            4 => self.promotion(),
            5 | 6 => self.rollout(),
            7 | 8 => self.policy(),
            _ => self.revocation(),
        }
    }

    async fn publication(&mut self) -> Change {
        let draft = self.draft().await;
        self.releases.push(draft.clone());
        let (id, rollout) = (text(&draft, "release_id"), rollout(&mut self.numbers));
        Change::new(
            json!({ "publish": { "release_id": id, "rollout": rollout } }),
            Method::POST,
            format!("/v1/releases/{id}/publish"),
            json!({ "rollout": rollout }),
        )
    }

    fn promotion(&mut self) -> Change {
        let (release, channel) = (self.release(), self.numbers.pick(&CHANNELS));
        let id = text(&release, "release_id");
        let share = json!({ "percent": self.numbers.pick(&[0, 100, 100]) });
        Change::new(
            json!({ "promote": { "release_id": id, "channel": channel, "rollout": share } }),
            Method::POST,
            format!("/v1/releases/{id}/promote"),
            json!({ "channel": channel, "rollout": share }),
        )
    }

    fn rollout(&mut self) -> Change {
        let (release, rollout) = (self.release(), rollout(&mut self.numbers));
        let id = text(&release, "release_id");
        Change::new(
            json!({ "rollout": { "release_id": id, "rollout": rollout } }),
            Method::PUT,
            format!("/v1/releases/{id}/rollout"),
            rollout,
        )
    }

    fn policy(&mut self) -> Change {
        let numbers = &mut self.numbers;
        let (mut level, path) = numbers.pick(&[
            (json!({}), "/v1/policy"),
            (json!({ "product_id": "prod_app" }), "/v1/products/prod_app/policy"),
            (json!({ "tenant_id": "tenant_acme" }), "/v1/tenants/tenant_acme/policy"),
            (
                json!({ "product_id": "prod_app", "tenant_id": "tenant_acme" }),
                "/v1/tenants/tenant_acme/policies/prod_app",
            ),
        ]);
        if numbers.is(3) {
            level["policy"] = Value::Null;
            return Change::new(json!({ "policy": level }), Method::DELETE, path, Value::Null);
        }
        let policy = numbers.pick(&[
            json!({ "channel": "beta" }),
            json!({ "channel": "nightly" }),
            json!({ "pinned_range": "<2.0.0" }),
            json!({ "blocked_versions": [">=1.4.0, <1.7.0"], "allow_downgrade": true }),
            json!({ "mode": "MANAGED_BY_IT" }),
            json!({ "allow_downgrade": true }),
        ]);
        level["policy"] = policy.clone();
        Change::new(json!({ "policy": level }), Method::PUT, path, policy)
    }

    fn revocation(&mut self) -> Change {
        let (release, all) = (self.release(), self.numbers.is(2));
        let id = text(&release, "release_id");
        Change::new(
            json!({ "revoke": { "release_id": id, "all_channels": all } }),
            Method::POST,
            format!("/v1/releases/{id}/revoke"),
            json!({ "reason": "test", "all_channels": all }),
        )
    }
}

/// Clients of every kind.
fn clients() -> Vec<Value> {
    let mut clients = Vec::new();
    for (number, version) in [
        "0.9.0", "1.0.0", "1.1.0", "1.3.0", "1.5.0", "1.6.0", "1.8.0", "1.11.0", "2.1.0", "2.4.0",
        "2.8.0",
    ]
    .into_iter()
    .enumerate()
    {
        for (kind, changes) in [
            json!({ "platform": "windows" }),
            json!({ "platform": "windows", "channel": "beta" }),
            json!({ "platform": "linux", "channel": "nightly" }),
            json!({ "platform": "windows", "tenant_id": "tenant_acme" }),
            json!({ "platform": "windows", "os_version": "10" }),
            json!({ "platform": "linux", "channel": "beta", "tenant_id": "tenant_acme" }),
        ]
        .into_iter()
        .enumerate()
        {
            let mut client = json!({ "product_id": "prod_app", "current_version": version, "client_id": format!("pc-{number}-{kind}") });
            client.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            clients.push(client);
        }
    }
    clients
}

/// What each client is told now.
async fn told(world: &World, clients: &[Value]) -> Vec<Value> {
    let mut all = Vec::new();
    // Few at a time have enough to look up with, although nothing is cached.
    for some in clients.chunks(8) {
        let answer = decide(world, json!({ "products": some })).await;
        all.extend(answer["decisions"].as_array().unwrap().iter().map(told_of));
    }
    all
}

/// A decision, as a simulation shows it.
fn told_of(decision: &Value) -> Value {
    json!({ "action": decision["action"], "reason": decision["reason"], "channel": decision["channel"], "version": decision["version"] })
}

/// Makes a change, after it was simulated; how many clients it changed.
async fn simulate_and_make(
    history: &mut History,
    clients: &[Value],
    before: &mut Vec<Value>,
) -> u64 {
    let change = history.change().await;
    let body = json!({ "change": change.proposed, "clients": clients });
    let simulated = history.world.post("/v1/decision/simulate", body).await;
    let made = change.make(&history.world).await;
    if !(200..300).contains(&made.status) {
        let code = |answer: &TestResponse| (answer.status, answer.body["error"]["code"].clone());
        assert_eq!(code(&simulated), code(&made), "{}", change.proposed);
        return 0;
    }
    if change.proposed["promote"].is_object() {
        history.releases.push(made.body);
    }
    let simulated = simulated.expect(200);
    let mut expected = before.clone();
    for one in simulated["changes"].as_array().unwrap() {
        let client = usize::try_from(one["client"].as_u64().unwrap()).unwrap();
        assert_eq!(one["before"], before[client], "{}", change.proposed);
        expected[client] = one["after"].clone();
    }
    *before = told(&history.world, clients).await;
    for (client, (told, expected)) in before.iter().zip(&expected).enumerate() {
        assert_eq!(told, expected, "{}: {}", change.proposed, clients[client]);
    }
    let client = history.numbers.below(clients.len());
    let explained = history.world.post("/v1/decision/explain", clients[client].clone()).await;
    assert_eq!(told_of(&explained.expect(200)["decision"]), before[client]);
    simulated["changed"].as_u64().unwrap()
}

#[tokio::test]
async fn what_is_simulated_is_what_clients_are_told_once_the_change_is_made() {
    let clients = clients();
    for seed in 1..=3 {
        let mut history = History::start(seed).await;
        let mut before = told(&history.world, &clients).await;
        let mut changed = 0;
        for _ in 0..40 {
            changed += simulate_and_make(&mut history, &clients, &mut before).await;
        }
        assert!(changed > 50, "{seed}: the changes change something: {changed}");
        history.world.stack.stop().await;
    }
}
