//! A vendor: a local stack, seen through a meddler, with a customer who keeps a mirror.

use std::net::{IpAddr, SocketAddr};

use slipway_signing::KeySet;
use slipway_test_support::{Options, TestClock, Value, World, json};

use crate::certificates::Certificate;
use crate::tampering_proxy::TamperingProxy;

/// The customer.
pub const TENANT: &str = "tenant_acme";

/// A vendor, and how to reach its API.
pub struct Vendor {
    /// His Slipway.
    pub world: World,
    /// The way to it.
    pub proxy: TamperingProxy,
    /// The token of the customer's mirror.
    pub token: String,
}

/// An artifact that was uploaded.
pub struct Uploaded {
    /// Its digest.
    pub sha256: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Vendor {
    /// One who is reached without TLS.
    pub async fn open() -> Self {
        Self::on(&TestClock::default()).await
    }

    /// The same, whose clock is `test_clock`.
    pub async fn on(test_clock: &TestClock) -> Self {
        Self::behind(TamperingProxy::plain(), test_clock).await
    }

    /// One who is reached at `ip`.
    pub async fn at(ip: IpAddr) -> Self {
        Self::behind(TamperingProxy::at(ip), &TestClock::default()).await
    }

    /// One who shows `certificate`.
    pub async fn with_tls(certificate: &Certificate) -> Self {
        Self::behind(TamperingProxy::with_tls(certificate), &TestClock::default()).await
    }

    async fn behind(proxy: TamperingProxy, test_clock: &TestClock) -> Self {
        let events = slipway_test_support::EventDelivery::Disabled;
        let options = Options {
            // Uploads go to storage itself, on the host of the public URL.
            listen: SocketAddr::new(proxy.ip, 0),
            public_url: Some(proxy.url.parse().unwrap()),
            clock: test_clock.clock(),
            events,
            ..Options::ephemeral()
        };
        let world = World::with(options).await;
        proxy.lead_to(&world.stack);
        world
            .post("/v1/tenants", json!({ "tenant_id": TENANT, "name": "Acme", "products": "*" }))
            .await
            .expect(201);
        let token = world.secret(json!({ "scopes": ["mirrors:read"], "tenant_id": TENANT })).await;
        Self { world, proxy, token }
    }

    /// One who has published `files`, each of a product of its own, and made a snapshot of them.
    pub async fn with_files(seeds: std::ops::Range<u64>, length: usize) -> (Self, Vec<Uploaded>) {
        let vendor = Self::open().await;
        let mut files = Vec::new();
        for seed in seeds {
            files.push(vendor.publish(&format!("prod_p{seed}"), "1.0.0", seed, length).await);
        }
        vendor.snapshot().await;
        (vendor, files)
    }

    /// Uploads a file of `length` bytes and publishes it as a version of `product`, which is made
    /// where it is missing.
    pub async fn publish(
        &self,
        product: &str,
        version: &str,
        seed: u64,
        length: usize,
    ) -> Uploaded {
        let (bytes, sha256) = slipway_test_support::file(seed, length);
        self.publish_bytes(product, version, bytes.clone(), &sha256).await;
        Uploaded { sha256, bytes }
    }

    /// The same with bytes of which the digest is known. S3 checks them, so that nobody has to read
    /// them again.
    pub async fn publish_bytes(&self, product: &str, version: &str, bytes: Vec<u8>, sha256: &str) {
        self.publish_to(json!({ "basis_points": 10_000 }), product, version, bytes, sha256).await;
    }

    /// The same for the clients of a rollout.
    pub async fn publish_to(
        &self,
        rollout: Value,
        product: &str,
        version: &str,
        bytes: Vec<u8>,
        sha256: &str,
    ) {
        if self.world.get(&format!("/v1/products/{product}")).await.status == 404 {
            self.world.product(product).await;
        }
        let upload = self.world.initiate(bytes.len(), sha256).await;
        assert_eq!(self.world.send_checked(&upload["checked_upload"], bytes).await, 200);
        let artifact = self.world.complete(&upload).await.expect(200)["artifact_id"].clone();
        let mut release = World::release_of(product, version, "stable", artifact.as_str().unwrap());
        release["rollout"] = rollout;
        self.world.post("/v1/releases", release).await.expect(201);
    }

    /// The keys that it publishes.
    pub async fn keys(&self) -> KeySet {
        serde_json::from_value(self.world.get("/v1/keys").await.expect(200)).unwrap()
    }

    /// Makes a snapshot, if anything has changed.
    pub async fn snapshot(&self) -> Value {
        self.snapshot_of(json!({ "tenant_id": TENANT })).await
    }

    /// Makes the snapshot that `body` asks for.
    pub async fn snapshot_of(&self, body: Value) -> Value {
        let answer = self.world.post("/v1/snapshots/generate", body).await;
        assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        answer.body
    }

    /// The newest manifest, as the API has it.
    pub async fn latest(&self) -> Value {
        self.world.get(&format!("/v1/snapshots/latest?tenant_id={TENANT}")).await.expect(200)
    }

    /// Goes away.
    pub async fn leaves(self) {
        self.world.stack.stop().await;
    }
}
