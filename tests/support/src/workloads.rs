//! Jobs of a CI system: their JWTs, the trust rules for them, and the tokens that they get.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use slipway_edge::TrustedIssuerSettings;

use crate::{AUDIENCE, Options, TestClock, TestIssuer, TestResponse, World};

/// An issuer that nobody asks for its keys.
const SILENT_ISSUER: &str = "https://ci.example.com";

/// What a stack has whose trust rules are looked at, and not used.
pub fn trusts_silent_issuer() -> TrustedIssuerSettings {
    TrustedIssuerSettings::new(vec![SILENT_ISSUER.parse().expect("an issuer")])
}

impl World {
    /// A new trust rule of a stack that [`trusts_silent_issuer`].
    pub async fn trust_rule(&self) -> Value {
        let rule = json!({
            "name": "ci", "issuer": SILENT_ISSUER, "audience": AUDIENCE, "scopes": ["ci:write"],
            "conditions": { "repository": "acme/app" },
        });
        self.post("/v1/trust-rules", rule).await.expect(201)
    }
}

/// A stack that trusts the issuer of a CI system.
pub struct CiWorld {
    /// The stack.
    pub world: World,
    /// The issuer.
    pub issuer: TestIssuer,
    /// The clock of the stack.
    pub clock: TestClock,
    jobs: AtomicU64,
}

impl CiWorld {
    /// Starts both. The stack has the product `prod_app`.
    pub async fn start() -> Self {
        Self::with(Options::ephemeral()).await
    }

    /// The same, with a stack of these options.
    pub async fn with(options: Options) -> Self {
        let (issuer, clock) = (TestIssuer::start().await, TestClock::default());
        let options = Options {
            trusted_issuers: issuer.trusted(),
            clock: clock.clock(),
            decision_cache: SignedDuration::ZERO,
            ..options
        };
        let world = World::with(options).await;
        world.product("prod_app").await;
        Self { world, issuer, clock, jobs: AtomicU64::new(0) }
    }

    /// The body of a rule for the main branch of `acme/app`, with other members in place of some.
    pub fn new_rule(&self, others: &Value) -> Value {
        let rule = json!({
            "name": "app", "issuer": self.issuer.url(), "audience": AUDIENCE,
            "conditions": { "repository": "acme/app", "ref": "refs/heads/main" },
            "scopes": ["ci:write", "artifacts:write", "releases:read"],
        });
        with(rule, others)
    }

    /// The answer to the creation of such a rule.
    pub async fn trust(&self, others: &Value) -> TestResponse {
        self.world.post("/v1/trust-rules", self.new_rule(others)).await
    }

    /// The id of such a rule.
    pub async fn rule(&self, others: &Value) -> String {
        let rule = self.trust(others).await.expect(201);
        rule["trust_rule_id"].as_str().expect("an id").to_owned()
    }

    /// The claims of a job on the main branch of `acme/app`, as GitHub has them, with others in
    /// place of some. Each has a `jti` of its own.
    pub fn claims(&self, others: &Value) -> Value {
        let now = self.clock.clock().now().as_second();
        let claims = json!({
            "iss": self.issuer.url(), "aud": AUDIENCE, "exp": now + 300, "nbf": now, "iat": now,
            "jti": format!("job-{}", self.jobs.fetch_add(1, Ordering::SeqCst)),
            "sub": "repo:acme/app:ref:refs/heads/main", "repository": "acme/app",
            "repository_id": "74", "repository_owner": "acme", "ref": "refs/heads/main",
            "ref_type": "branch", "environment": "production",
            "workflow_ref": "acme/app/.github/workflows/release.yml@refs/heads/main",
        });
        with(claims, others)
    }

    /// The JWT of such a job.
    pub fn jwt(&self, others: &Value) -> String {
        self.issuer.token("a", &self.claims(others))
    }

    /// What exchanging `jwt` by `rule` is answered.
    pub async fn exchange(&self, rule: &str, jwt: &str) -> TestResponse {
        let body = json!({ "trust_rule_id": rule, "token": jwt });
        TestResponse::to(self.world.request(Method::POST, "/v1/tokens/exchange").json(&body)).await
    }

    /// The token of a job, by `rule`.
    pub async fn token(&self, rule: &str) -> Value {
        self.exchange(rule, &self.jwt(&json!({}))).await.expect(200)
    }

    /// The time of the stack in so many seconds.
    pub fn in_seconds(&self, seconds: i64) -> Timestamp {
        self.clock.clock().now() + SignedDuration::from_secs(seconds)
    }
}

/// `base` with the members of `others`; those that are null are left out.
fn with(mut base: Value, others: &Value) -> Value {
    let members = base.as_object_mut().expect("an object");
    for (name, value) in others.as_object().expect("an object") {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    base
}
