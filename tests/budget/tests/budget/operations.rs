//! Every operation once, and those that can go several ways, each way.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use slipway_edge::default_route;
use slipway_edge::telemetry::LogRecord;
use slipway_test_support::{
    Call, Value, World, finish_upload, json, perform, perform_until, release_path, text, unrouted,
};

use crate::budget_world::{BudgetWorld, LENGTH, clock, decisions};
use crate::table::{Costs, hold};

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_costs_what_the_table_says() {
    let mut cost_meter = CostMeter::open().await;
    cost_meter.everything().await;
    cost_meter.histories().await;
    cost_meter.stepping_stones().await;
    cost_meter.open_channels().await;
    cost_meter.channel_follows().await;
    cost_meter.simulations().await;
    cost_meter.sign_off().await;

    let all = slipway_registry::operations()
        .iter()
        .map(|operation| operation.route().op)
        .collect::<BTreeSet<_>>();
    let jobs = slipway_registry::jobs().iter().map(|job| job.name()).collect();
    assert_eq!(
        cost_meter.costs.operations().collect::<BTreeSet<_>>(),
        &(&all | &jobs) | &BTreeSet::from([default_route::OP]),
        "every operation and job has its line: call it here, and let UPDATE_BUDGETS=1 write the documents"
    );
    hold("docs/COSTS.md", &cost_meter.costs.markdown());
    cost_meter.fixture.world.stack.stop().await;
}

/// Where operations are paid.
pub struct CostMeter {
    /// The stack.
    pub fixture: BudgetWorld,
    /// What was paid so far.
    pub costs: Costs,
}

impl CostMeter {
    /// An empty stack, where nothing was paid yet.
    pub async fn open() -> Self {
        Self { fixture: BudgetWorld::open().await, costs: Costs::default() }
    }

    /// Pays for every operation and job.
    pub async fn everything(&mut self) {
        self.products().await;
        // While all events are a page: of events of one millisecond it is up to chance which are on
        // which.
        self.audit().await;
        self.artifacts().await;
        self.uploads().await;
        self.releases().await;
        self.decisions().await;
        self.channels().await;
        self.policies().await;
        self.tenants_and_tokens().await;
        self.trust_rules().await;
        self.environments().await;
        self.integrations().await;
        self.components().await;
        self.snapshots().await;
        self.mirrors().await;
        self.service().await;
        self.outcomes().await;
        self.webhooks().await;
        self.bundles().await;
        self.promotions().await;
    }

    /// A call with the bootstrap token.
    pub fn call(&self, op: &'static str, path: impl AsRef<str>) -> Call {
        self.fixture.world.call(op, path)
    }

    /// Pays for a call, which has to succeed.
    pub async fn pay(&mut self, case: &str, call: Call) -> Value {
        // On the heap: a handler's future is deep, and so is the layout of all that await it.
        let (answer, record) = Box::pin(self.fixture.cost(&call)).await;
        self.costs.add(case, record);
        answer.body
    }

    /// Without a body.
    pub async fn plain(&mut self, op: &'static str, case: &str, path: impl AsRef<str>) -> Value {
        self.pay(case, self.call(op, path)).await
    }

    /// With a body.
    pub async fn with(
        &mut self,
        op: &'static str,
        case: &str,
        path: impl AsRef<str>,
        body: &Value,
    ) -> Value {
        self.pay(case, self.call(op, path).json(body)).await
    }

    async fn products(&mut self) {
        let body = json!({ "product_id": "prod_p0", "name": "Product", "slug": "p0" });
        self.with("product-create", "", "/v1/products", &body).await;
        self.fixture.world.release("prod_p0", "0.1.0").await;
        self.plain("product-list", "1 product", "/v1/products").await;
        self.plain("product-get", "by id", "/v1/products/prod_p0").await;
        let (_, secret) = self.fixture.world.token(&["releases:read"]).await;
        let by_token = Call::new("product-get", "/v1/products/prod_p0").bearer(&secret);
        self.pay("by id, with an API token", by_token).await;
        self.plain("product-get", "by slug", "/v1/products/p0").await;
        let bound = json!({ "scopes": ["releases:read"], "product_ids": ["prod_p0"] });
        let bound = self.fixture.world.secret(bound).await;
        let by_bound = Call::new("product-list", "/v1/products").bearer(&bound);
        self.pay("1 product, with a token bound to it", by_bound).await;
        self.with("product-update", "", "/v1/products/prod_p0", &json!({ "name": "Renamed" }))
            .await;
        let nightly = json!({ "channels": ["nightly"] });
        self.fixture.world.patch("/v1/products/prod_p0", nightly).await.expect(200);
        let removed = json!({ "channels": [] });
        self.with("product-update", "a channel removed", "/v1/products/prod_p0", &removed).await;
        for (case, follows) in [
            ("a channel follows another", json!({ "beta": ["stable"] })),
            ("no channel follows another any more", json!({})),
        ] {
            let follows = json!({ "channel_follows": follows });
            self.with("product-update", case, "/v1/products/prod_p0", &follows).await;
        }
        self.plain("product-releases", "1 release", "/v1/products/prod_p0/releases?channel=stable")
            .await;
        self.plain(
            "product-releases",
            "by channel and version",
            "/v1/products/prod_p0/releases?channel=stable&version=0.1.0",
        )
        .await;
        self.plain("product-releases", "by version", "/v1/products/prod_p0/releases?version=0.1.0")
            .await;
        self.plain("product-release-latest", "", "/v1/products/prod_p0/releases/latest").await;
    }

    async fn artifacts(&mut self) {
        let url = "https://artifacts.example.com/installer.msi";
        let (_, sha256) = slipway_test_support::file(99, 64);
        let body = json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": url });
        let artifact = self.with("artifact-register", "", "/v1/artifacts", &body).await;
        let path = format!("/v1/artifacts/{}", text(&artifact, "artifact_id"));
        self.plain("artifact-get", "", &path).await;
        self.plain(
            "artifact-list",
            "1 artifact of a digest",
            format!("/v1/artifacts?sha256={sha256}"),
        )
        .await;
        self.plain("artifact-download", "with a credential", format!("{path}/download")).await;
        self.with("artifact-verify", "", format!("{path}/verify"), &json!({})).await;
        let message = json!({ "artifact_id": artifact["artifact_id"] });
        self.perform("verify-artifact", "that is not there", message).await;
        let release = self.fixture.world.release("prod_p0", "0.2.0").await;
        let public =
            format!("/v1/artifacts/{}/download", text(&release["artifacts"][0], "artifact_id"));
        self.pay(
            "of a public product, without a credential",
            Call::new("artifact-download", public),
        )
        .await;
    }

    async fn uploads(&mut self) {
        let (_, sha256) = slipway_test_support::file(1, LENGTH);
        let body =
            |multipart| json!({ "size_bytes": LENGTH, "sha256": sha256, "multipart": multipart });
        let upload = self.with("upload-initiate", "", "/v1/artifacts/uploads", &body(false)).await;
        let path = format!("/v1/artifacts/uploads/{}", text(&upload, "upload_id"));
        self.plain("upload-get", "", &path).await;
        self.plain("upload-abort", "", &path).await;
        let upload =
            self.with("upload-initiate", "in parts", "/v1/artifacts/uploads", &body(true)).await;
        let path = format!("/v1/artifacts/uploads/{}", text(&upload, "upload_id"));
        let wanted = json!({ "parts": [{ "part_number": 1, "sha256": sha256 }] });
        self.with("upload-parts", "1 part", format!("{path}/parts"), &wanted).await;
        self.plain("upload-abort", "in parts", &path).await;

        let complete = |upload: &Value| {
            format!("/v1/artifacts/uploads/{}/complete", text(upload, "upload_id"))
        };
        let (plain, checked, parts) = (
            self.fixture.world.arrived(2, LENGTH).await,
            self.fixture.world.arrived_checked(3, LENGTH).await,
            self.fixture.world.arrived_in_parts(4, LENGTH).await,
        );
        self.plain("upload-complete", "1 MiB sent to upload_url", complete(&plain)).await;
        self.plain("upload-complete", "1 MiB checked by S3", complete(&checked)).await;
        self.plain("upload-complete", "1 MiB in parts", complete(&parts)).await;
        self.plain("upload-complete", "again", complete(&plain)).await;
        let (plain, checked) = (
            self.fixture.world.arrived(5, LENGTH).await,
            self.fixture.world.arrived_checked(6, LENGTH).await,
        );
        self.job("1 MiB sent to upload_url", &plain).await;
        self.job("1 MiB checked by S3", &checked).await;
        self.job("of an upload that has ended", &checked).await;
        self.steps().await;
    }

    /// An upload that takes two steps.
    async fn steps(&mut self) {
        self.perform("sweep-uploads", "nothing rests", json!({})).await;
        self.half_verified(7).await;
        for (hours, case) in [(1, "1 upload rests"), (24, "1 upload has rested for a day")] {
            let later = clock().now() + SignedDuration::from_hours(hours);
            let instance = self.fixture.instance_at(later);
            let (outcome, record) = perform(&instance, "sweep-uploads", json!({})).await;
            outcome.unwrap();
            self.costs.add(case, record);
        }
    }

    /// Leaves an upload, the file of `seed`, after the first of the two steps that it takes.
    pub async fn half_verified(&mut self, seed: u64) {
        let upload = self.fixture.world.arrived(seed, 9 << 20).await;
        let (services, event) = (
            &self.fixture.world.stack.services,
            json!({ "upload_id": text(&upload, "upload_id") }),
        );
        let end = Timestamp::UNIX_EPOCH;
        let (outcome, record) = perform_until(services, "finish-upload", event, end).await;
        outcome.unwrap();
        self.costs.add("9 MiB, the first 8 in a step", record);
    }

    /// Pays for a job.
    pub async fn perform(&mut self, job: &'static str, case: &str, event: Value) {
        let (outcome, record) = perform(&self.fixture.world.stack.services, job, event).await;
        outcome.unwrap();
        self.costs.add(case, record);
    }

    async fn job(&mut self, case: &str, upload: &Value) {
        let (outcome, record) =
            finish_upload(&self.fixture.world.stack.services, text(upload, "upload_id")).await;
        outcome.unwrap();
        self.costs.add(case, record);
    }

    async fn releases(&mut self) {
        let newest = self.fixture.product("prod_r", 3).await;
        let artifact = text(&newest["artifacts"][0], "artifact_id");
        let body = World::release_of("prod_r", "2.0.0", "stable", artifact);
        let release =
            self.with("release-create", "published, 1 artifact", "/v1/releases", &body).await;
        self.with("release-create", "the same again", "/v1/releases", &body).await;
        let body = World::release_of("prod_r", "2.1.0", "stable", artifact);
        let keyed = self
            .call("release-create", "/v1/releases")
            .json(&body)
            .header("idempotency-key", "budget");
        self.pay("with an Idempotency-Key", keyed.clone()).await;
        self.pay("with an Idempotency-Key, again", keyed).await;
        self.with(
            "release-create",
            "a draft",
            "/v1/releases",
            &json!({ "product_id": "prod_r", "version": "3.0.0" }),
        )
        .await;
        self.read_releases(&release).await;
        self.drafts().await;
        self.live_release(&release).await;
        self.rollouts().await;
    }

    async fn read_releases(&mut self, release: &Value) {
        let path = format!("/v1/releases/{}", text(release, "release_id"));
        self.plain("release-list", "10 of a product", "/v1/releases?product_id=prod_r&limit=10")
            .await;
        let bound = json!({ "scopes": ["releases:read"], "product_ids": ["prod_p0", "prod_r"] });
        let bound = self.fixture.world.secret(bound).await;
        let by_bound = Call::new("release-list", "/v1/releases?limit=1").bearer(&bound);
        self.pay("1 of a page, with a token bound to 2 products", by_bound).await;
        self.plain("release-get", "", &path).await;
        self.plain("release-artifacts", "", format!("{path}/artifacts")).await;
    }

    async fn drafts(&mut self) {
        let (first, second) = (
            self.fixture.draft("prod_r", "4.0.0").await,
            self.fixture.draft("prod_r", "5.0.0").await,
        );
        let third = self.fixture.draft("prod_r", "6.0.0").await;
        let more = World::release_of("", "", "", &self.fixture.world.external(77).await);
        let mut more = json!({ "artifacts": more["artifacts"] });
        more["artifacts"][0]["arch"] = json!("arm64");
        let draft = release_path(&third, "/artifacts");
        self.with("release-artifact-add", "1 artifact", &draft, &more).await;
        self.with("release-artifact-add", "again", &draft, &more).await;
        self.release_uploads(&third).await;
        self.plain("release-publish", "", release_path(&first, "/publish")).await;
        self.plain("release-delete", "", format!("/v1/releases/{}", text(&second, "release_id")))
            .await;
    }

    /// What happens to a release that is live.
    async fn live_release(&mut self, release: &Value) {
        let path = format!("/v1/releases/{}", text(release, "release_id"));
        self.with(
            "release-rollout",
            "",
            format!("{path}/rollout"),
            &json!({ "basis_points": 1000 }),
        )
        .await;
        let metadata = json!({ "metadata": { "release_notes": "It costs." } });
        self.with("release-update", "", &path, &metadata).await;
        self.with("release-promote", "", format!("{path}/promote"), &json!({ "channel": "beta" }))
            .await;
        let revoke = format!("{path}/revoke");
        self.with("release-revoke", "", &revoke, &json!({ "reason": "it costs" })).await;
        let everywhere = json!({ "reason": "it costs", "all_channels": true });
        self.with("release-revoke", "on another channel too", &revoke, &everywhere).await;
    }

    async fn decisions(&mut self) {
        let tenant = json!({ "tenant_id": "tenant_abc123", "name": "ABC", "products": "*" });
        self.fixture.world.post("/v1/tenants", tenant).await.expect(201);
        for index in 1..20 {
            self.fixture.product(&format!("prod_p{index}"), 1).await;
        }
        for (count, case) in [(1, "1 product"), (20, "20 products")] {
            let call = Call::new("decision", "/v1/decision").json(&decisions(count));
            let instance = self.fixture.fresh_instance();
            for state in ["cold", "warm"] {
                let (answer, record) = call.on(&instance).await;
                assert!(
                    answer.expect(200)["decisions"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .all(|decision| decision["action"] == "INSTALL")
                );
                self.costs.add(&format!("{case}, {state}"), record);
            }
        }
        self.adoption().await;
    }

    /// What is stored once a minute after a response, and read.
    async fn adoption(&mut self) {
        let services = self.fixture.world.stack.services.clone();
        let call = Call::new("decision", "/v1/decision").json(&decisions(1));
        for _ in 0..100 {
            call.on(&services).await.0.expect(200);
        }
        let record = LogRecord { op: "decision", ..call.after_response(&services).await };
        self.costs.add("after a response, once a minute: 100 answers about 1 product", record);
        self.plain("product-adoption", "1 day of 1 channel", "/v1/products/prod_p0/adoption").await;
    }

    async fn tenants_and_tokens(&mut self) {
        let body = json!({ "tenant_id": "tenant_new", "name": "New", "products": "*" });
        self.with("tenant-create", "", "/v1/tenants", &body).await;
        self.plain("tenant-list", "2 tenants", "/v1/tenants").await;
        self.plain("tenant-get", "", "/v1/tenants/tenant_new").await;
        self.with("tenant-update", "", "/v1/tenants/tenant_new", &json!({ "suspended": true }))
            .await;
        let token = self
            .with(
                "token-create",
                "",
                "/v1/tokens",
                &json!({ "name": "ci", "scopes": ["ci:write"] }),
            )
            .await;
        self.plain("token-list", "2 tokens", "/v1/tokens").await;
        self.plain("token-list", "of a creator", "/v1/tokens?created_by=bootstrap").await;
        self.plain("principal-get", "", "/v1/me").await;
        self.plain("token-revoke", "", format!("/v1/tokens/{}", text(&token, "token_id"))).await;
    }

    async fn service(&mut self) {
        self.plain("key-list", "2 keys", "/v1/keys").await;
        self.plain("health", "", "/health").await;
        self.plain("live", "", "/live").await;
        self.plain("ready", "", "/ready").await;
        self.plain("openapi", "", "/openapi.json").await;
        self.costs.add("a path that no route takes", unrouted(&clock(), "/v1/nothing").1);
    }
}
