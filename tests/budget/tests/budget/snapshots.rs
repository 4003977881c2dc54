//! Snapshots and mirrors: what is asked for, and what events start.

use slipway_test_support::{Call, Value, json, perform, rows_inserted, text};

use crate::operations::CostMeter;
use crate::recorder::days_later;

/// The call that makes a snapshot of `tenant`, whatever stands.
pub fn generate(tenant: &str, token: &str) -> Call {
    Call::new("snapshot-generate", "/v1/snapshots/generate")
        .bearer(token)
        .json(&json!({ "tenant_id": tenant, "force": true }))
}

impl CostMeter {
    /// A snapshot of 20 products for one tenant, and everything around it.
    pub async fn snapshots(&mut self) {
        self.with(
            "snapshot-config-put",
            "",
            "/v1/snapshots/config",
            &json!({ "auto_on_publish": true }),
        )
        .await;
        self.plain("snapshot-config-get", "", "/v1/snapshots/config").await;
        let body = json!({ "tenant_id": "tenant_abc123" });
        let snapshot = self
            .with("snapshot-generate", "the first of a stream", "/v1/snapshots/generate", &body)
            .await;
        self.with("snapshot-generate", "nothing has changed", "/v1/snapshots/generate", &body)
            .await;
        self.fixture.world.release("prod_p0", "9.0.0").await;
        self.with("snapshot-generate", "after a change", "/v1/snapshots/generate", &body).await;
        let beta = json!({ "tenant_id": body["tenant_id"], "channels": ["beta"] });
        let beta = self
            .with(
                "snapshot-generate",
                "the first of further channels",
                "/v1/snapshots/generate",
                &beta,
            )
            .await;
        let streams = format!("/v1/tenants/{}/streams", text(&beta, "tenant_id"));
        self.plain("snapshot-stream-list", "2 streams", &streams).await;
        self.plain("snapshot-stream-delete", "", format!("{streams}/{}", text(&beta, "stream")))
            .await;
        self.with("snapshot-generate", "for all tenants, 1", "/v1/snapshots/generate", &json!({}))
            .await;
        self.plain("snapshot-list", "2 snapshots", "/v1/snapshots?tenant_id=tenant_abc123").await;
        self.plain("snapshot-latest", "", "/v1/snapshots/latest?tenant_id=tenant_abc123").await;
        self.plain(
            "snapshot-latest",
            "of a wider stream",
            "/v1/snapshots/latest?tenant_id=tenant_abc123&channels=beta",
        )
        .await;
        let path = format!("/v1/snapshots/{}", text(&snapshot, "snapshot_id"));
        self.plain("snapshot-get", "", &path).await;
        self.plain("snapshot-bundle", "", format!("{path}/bundle")).await;
        self.jobs_of_rows().await;
        self.jobs_of_the_clock().await;
        self.uses_of_streams().await;
    }

    /// What it takes to know which streams are used: nothing for the stream of all channels.
    async fn uses_of_streams(&mut self) {
        let beta = json!({ "tenant_id": "tenant_abc123", "channels": ["beta"] });
        let generate = "/v1/snapshots/generate";
        let beta_again =
            self.with("snapshot-generate", "of an ended stream", generate, &beta).await;
        let get = format!("/v1/snapshots/{}", text(&beta_again, "snapshot_id"));
        let latest = "/v1/snapshots/latest?tenant_id=tenant_abc123&channels=beta";
        let ways = [
            ("snapshot-latest", latest.to_owned()),
            ("snapshot-get", get.clone()),
            ("snapshot-bundle", format!("{get}/bundle")),
        ];
        let now = std::sync::Arc::clone(&self.fixture.world.stack.services);
        for (day, (op, path)) in (1..).zip(ways) {
            self.fixture.world.stack.services = days_later(self, day);
            self.plain(op, "of further channels, the first in a day", &path).await;
            self.plain(op, "of further channels", &path).await;
        }
        self.fixture.world.stack.services = days_later(self, 4);
        self.with("snapshot-generate", "of further channels, nothing has changed", generate, &beta)
            .await;
        let work = json!({
            "generation_id": "gen_2", "tenant_id": "tenant_abc123", "selection": "every_stream", "demand": "if_changed",
            "at": "2026-01-19T09:30:00Z",
        });
        self.rows(
            "snapshot-for-tenant",
            "2 streams, nothing has changed",
            std::slice::from_ref(&work),
        )
        .await;
        self.fixture.world.stack.services = days_later(self, 96);
        self.rows("snapshot-for-tenant", "1 stream, and an unused one that ends", &[work]).await;
        self.fixture.world.stack.services = now;
    }

    async fn jobs_of_rows(&mut self) {
        let at = "2026-01-15T09:30:00Z";
        let change = |id: &str| {
            let event_id = format!("evt_{id}");
            json!({ "event_id": event_id, "event_type": "release.published", "product_id": "prod_p0", "channel": "stable", "at": at })
        };
        self.rows("snapshot-on-change", "1 change, 1 tenant", &[change("1")]).await;
        let burst: Vec<Value> = (0..100).map(|index| change(&format!("b{index}"))).collect();
        self.rows("snapshot-on-change", "100 changes, 1 tenant", &burst).await;
        let work = json!({
            "generation_id": "gen_1", "tenant_id": "tenant_abc123", "selection": "every_stream", "demand": "if_changed", "at": at,
        });
        self.rows("dispatch-rows", "1 piece of work", std::slice::from_ref(&work)).await;
        let hundred = vec![work.clone(); 100];
        self.rows("dispatch-rows", "100 pieces of work", &hundred).await;
        self.rows("snapshot-for-tenant", "nothing has changed", std::slice::from_ref(&work)).await;
        self.fixture.world.release("prod_p0", "9.1.0").await;
        self.rows("snapshot-for-tenant", "1 stream", std::slice::from_ref(&work)).await;
        let mut for_all = work;
        for_all.as_object_mut().unwrap().remove("tenant_id");
        self.rows("snapshot-for-tenant", "work for all tenants, 1", &[for_all]).await;
    }

    async fn rows(&mut self, job: &str, case: &str, entities: &[Value]) {
        let (outcome, record) =
            rows_inserted(&self.fixture.world.stack.services, job, entities).await;
        outcome.unwrap();
        self.costs.add(case, record);
    }

    async fn jobs_of_the_clock(&mut self) {
        for (job, case) in [
            ("snapshot-on-schedule", "the first tick"),
            ("snapshot-on-schedule", "not due"),
            ("retention", "the first tick"),
        ] {
            let (outcome, record) =
                perform(&self.fixture.world.stack.services, job, json!({})).await;
            outcome.unwrap();
            self.costs.add(case, record);
        }
    }

    /// A mirror, and how it fares.
    pub async fn mirrors(&mut self) {
        let mirror = self
            .with(
                "mirror-create",
                "",
                "/v1/mirrors",
                &json!({ "tenant_id": "tenant_abc123", "name": "Berlin" }),
            )
            .await;
        let path = format!("/v1/mirrors/{}", text(&mirror, "id"));
        let report = json!({ "outcome": "synced", "snapshot_id": "snapshot_1", "sequence": 1 });
        self.with("mirror-report", "", format!("{path}/report"), &report).await;
        self.plain("mirror-status", "", format!("{path}/status")).await;
        self.plain("mirror-list", "1 mirror", "/v1/mirrors").await;
    }
}
