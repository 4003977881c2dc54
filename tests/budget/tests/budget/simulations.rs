//! What it costs to tell what a change would do, and why a decision is as it is.

use slipway_test_support::{Value, json, text};

use crate::operations::CostMeter;

/// As many clients as one simulation takes.
const CLIENTS: usize = 1_000;

impl CostMeter {
    /// Simulations of changes, for as many clients as one takes, and an explanation.
    pub async fn simulations(&mut self) {
        let world = &self.fixture.world;
        world.product("prod_simulated").await;
        world.release("prod_simulated", "1.1.0").await;
        let release = world.release("prod_simulated", "1.2.0").await;
        let id = text(&release, "release_id");
        for (change, case) in [
            (json!({ "revoke": { "release_id": id } }), "revoke"),
            (json!({ "rollout": { "release_id": id, "rollout": { "percent": 5 } } }), "rollout"),
            (json!({ "promote": { "release_id": id, "channel": "beta" } }), "promote"),
            (json!({ "policy": { "policy": { "mode": "NOTIFY_ONLY" } } }), "policy"),
        ] {
            let body = json!({ "change": change, "clients": clients() });
            let case = format!("{case}, 1000 clients of a product");
            self.with("decision-simulate", &case, "/v1/decision/simulate", &body).await;
        }
        self.with("decision-explain", "", "/v1/decision/explain", &clients()[0]).await;
    }
}

fn clients() -> Vec<Value> {
    let client = |number| json!({ "product_id": "prod_simulated", "current_version": "1.0.0", "client_id": format!("pc-{number}") });
    (0..CLIENTS).map(client).collect()
}
