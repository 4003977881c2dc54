//! A stack to take measurements in: its time stands still and no job runs by itself, so that each
//! run measures the same.

use std::sync::Arc;

use slipway_aws::Clients;
use slipway_domain::Timestamp;
use slipway_edge::clock::Clock;
use slipway_edge::telemetry::LogRecord;
use slipway_edge::{Services, Settings};
use slipway_test_support::{
    Call, EventDelivery, Method, Options, TestResponse, Value, World, file, json,
};

/// Length of the files that are uploaded.
pub const LENGTH: usize = 1 << 20;

/// The stack.
pub struct BudgetWorld {
    /// The stack itself.
    pub world: World,
}

/// A clock that stands still.
pub fn clock() -> Clock {
    let now: Timestamp = "2026-01-15T09:30:00.123Z".parse().unwrap();
    Clock::new(move || now)
}

impl BudgetWorld {
    /// An empty stack.
    pub async fn open() -> Self {
        let world = World::with(Options {
            events: EventDelivery::Disabled,
            clock: clock(),
            ..Options::ephemeral()
        })
        .await;
        Self { world }
    }

    /// A stack with a tenant, and `count` products with a release each, as [`decisions`] asks
    /// about.
    pub async fn with_products(count: usize) -> Self {
        let fixture = Self::open().await;
        let tenant = json!({ "tenant_id": "tenant_abc123", "name": "ABC", "products": "*" });
        fixture.world.post("/v1/tenants", tenant).await.expect(201);
        for index in 0..count {
            fixture.product(&format!("prod_p{index}"), 1).await;
        }
        fixture
    }

    /// A function instance that has just started.
    pub fn fresh_instance(&self) -> Arc<Services> {
        let settings: &Settings = &self.world.stack.settings;
        Services::new(settings, &Clients::local(&self.world.stack.local), clock())
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

    /// An upload whose bytes have arrived by its plain URL.
    pub async fn arrived(&self, seed: u64) -> Value {
        let (bytes, sha256) = file(seed, LENGTH);
        let upload = self.world.initiate(bytes.len(), &sha256).await;
        assert_eq!(self.world.send(&upload["upload_url"], bytes).await, 200);
        upload
    }

    /// The same, checked by S3.
    pub async fn arrived_checked(&self, seed: u64) -> Value {
        let (bytes, sha256) = file(seed, LENGTH);
        let upload = self.world.initiate(bytes.len(), &sha256).await;
        assert_eq!(self.world.send_checked(&upload["checked_upload"], bytes).await, 200);
        upload
    }

    /// An upload in one part, which S3 holds.
    pub async fn arrived_in_parts(&self, seed: u64) -> Value {
        let (bytes, sha256) = file(seed, LENGTH);
        let body = json!({ "size_bytes": bytes.len(), "sha256": sha256, "multipart": true });
        let upload = self.world.post("/v1/artifacts/uploads", body).await.expect(201);
        let path = format!("/v1/artifacts/uploads/{}/parts", text(&upload, "upload_id"));
        let wanted = json!({ "parts": [{ "part_number": 1, "sha256": sha256 }] });
        let parts =
            TestResponse::to(self.world.admin(Method::POST, &path).json(&wanted)).await.expect(200);
        assert_eq!(self.world.send_checked(&parts["urls"][0], bytes).await, 200);
        upload
    }
}

/// A member that is text.
pub fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("{member}: {value:#}")).to_owned()
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
