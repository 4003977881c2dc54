//! A stack to take measurements in: its time stands still and no job runs by itself, so that each
//! run measures the same.

use std::sync::Arc;

use jiff::SignedDuration;
use slipway_aws::Clients;
use slipway_domain::Timestamp;
use slipway_edge::clock::Clock;
use slipway_edge::telemetry::LogRecord;
use slipway_edge::{ExternalAccess, RegistryAccess, Services, Settings};
use slipway_test_support::{
    Call, EventDelivery, Options, TestIssuer, TestResponse, Value, WebhookReceiver, World, json,
};

/// Length of the files that are uploaded.
pub const LENGTH: usize = 1 << 20;

/// The stack.
pub struct BudgetWorld {
    /// The stack itself.
    pub world: World,
    /// The issuer that it trusts.
    pub issuer: TestIssuer,
    /// To whom its webhooks send.
    pub receiver: WebhookReceiver,
}

/// A clock that stands still.
pub fn clock() -> Clock {
    let now: Timestamp = "2026-01-15T09:30:00.123Z".parse().unwrap();
    Clock::new(move || now)
}

impl BudgetWorld {
    /// An empty stack.
    pub async fn open() -> Self {
        let (issuer, receiver) = (TestIssuer::start().await, WebhookReceiver::start().await);
        let world = World::with(Options {
            trusted_issuers: issuer.trusted(),
            webhooks: receiver.access(&["*"]),
            registries: RegistryAccess::with_internal_hosts(vec!["127.0.0.1".to_owned()]),
            events: EventDelivery::Disabled,
            clock: clock(),
            adoption_interval: Some(SignedDuration::from_mins(1)),
            external: ExternalAccess::to_hosts(vec!["artifacts.example.com".to_owned()]),
            ..Options::ephemeral()
        })
        .await;
        Self { world, issuer, receiver }
    }

    /// A stack with a tenant, and `count` products with a release each, as [`decisions`] asks
    /// about.
    pub async fn with_products(count: usize) -> Self {
        let fixture = Self::open().await;
        fixture.world.tenant("tenant_abc123", json!("*")).await;
        for index in 0..count {
            fixture.product(&format!("prod_p{index}"), 1).await;
        }
        fixture
    }

    /// A function instance that has just started.
    pub fn fresh_instance(&self) -> Arc<Services> {
        self.instance_at(clock().now())
    }

    /// A function instance that starts at `now`, where the time stands still.
    pub fn instance_at(&self, now: Timestamp) -> Arc<Services> {
        self.instance_with(Clock::new(move || now))
    }

    /// A function instance that starts now, by a clock of its own.
    pub fn instance_with(&self, clock: Clock) -> Arc<Services> {
        let settings: &Settings = &self.world.stack.settings;
        let clients = Clients::local(&self.world.stack.local);
        Services::new(settings, &clients, clock)
    }

    /// What a call costs, which has to succeed.
    pub async fn cost(&self, call: &Call) -> (TestResponse, LogRecord) {
        let (answer, record) = call.on(&self.world.stack.services).await;
        assert!(answer.status < 400, "{}: {answer:?}", call.op());
        (answer, record)
    }

    /// A product with `count` releases on `stable`, and the newest one.
    pub async fn product(&self, id: &str, count: u64) -> Value {
        self.world.product(id).await;
        let mut newest = Value::Null;
        for minor in 0..count {
            newest = self.world.release(id, &format!("1.{minor}.0")).await;
        }
        newest
    }

    /// A draft of `version` of a product, ready to be published.
    pub async fn draft(&self, product: &str, version: &str) -> Value {
        let mut body = World::release_of(product, version, "stable", &self.world.external(7).await);
        body["draft"] = json!(true);
        self.world.post("/v1/releases", body).await.expect(201)
    }
}

/// The request for decisions on `count` products.
pub fn decisions(count: usize) -> Value {
    let product = |index| {
        json!({
            "product_id": format!("prod_p{index}"), "current_version": "0.0.1", "channel": "stable", "tenant_id": "tenant_abc123",
            "client_id": "client-1", "platform": "windows", "arch": "x86_64",
        })
    };
    json!({ "products": (0..count).map(product).collect::<Value>() })
}
