//! Outcomes: what a report costs, what the vendor reads of it, and what a halt takes.

use slipway_test_support::{Value, json, release_path, rows_inserted};

use crate::operations::CostMeter;

const REPORT: &str = "decision-outcome";

impl CostMeter {
    /// Pays for what clients report of a release, and for what follows from it.
    pub async fn outcomes(&mut self) {
        self.fixture.world.product("prod_h").await;
        let draft = self.fixture.draft("prod_h", "1.0.0").await;
        let rule = json!({ "failure_basis_points": 5000, "min_reports": 10, "min_networks": 1 });
        let path = release_path(&draft, "/publish");
        let release = self.fixture.world.post(&path, json!({})).await.expect(200);
        self.report(&release, "the first of a release", "a", "installed").await;
        self.report(&release, "another client", "b", "installed").await;
        self.report(&release, "the same again", "b", "installed").await;
        self.report(&release, "another outcome, with a class", "b", "failed").await;
        let guard = json!({ "halt_on": rule });
        let path = release_path(&release, "");
        self.with("release-update", "halt_on of a live release", path, &guard).await;
        self.report(&release, "another client, with halt_on", "c", "failed").await;
        self.halt(&release, "nothing is halted").await;
        for client in 0..12 {
            self.fixture.world.report(&release, client, "failed").await.expect(200);
        }
        self.halt(&release, "a rollout is halted").await;
        self.halt(&release, "it is halted already").await;
        self.plain("release-health", "15 clients", release_path(&release, "/health")).await;
    }

    async fn report(&mut self, release: &Value, case: &str, client: &str, outcome: &str) {
        let id = &release["release_id"];
        let mut body = json!({ "release_id": id, "client_id": client, "outcome": outcome });
        if outcome == "failed" {
            body["error_class"] = json!("disk_full");
        }
        self.with(REPORT, case, "/v1/decision/outcome", &body).await;
    }

    async fn halt(&mut self, release: &Value, case: &str) {
        let check = json!({ "release_id": release["release_id"], "at": "2026-01-15T09:30:00Z" });
        let services = self.fixture.world.stack.services.clone();
        let (outcome, record) = rows_inserted(&services, "halt-releases", &[check]).await;
        outcome.unwrap();
        self.costs.add(case, record);
    }
}
