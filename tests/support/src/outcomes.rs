//! Clients that report what became of a release.

use serde_json::{Value, json};

use crate::{Method, NETWORKS, TestResponse, World};

impl World {
    /// Reports the `outcome` of `release` on the client of this number, each from another network
    /// than the one before.
    pub async fn report(&self, release: &Value, client: usize, outcome: &str) -> TestResponse {
        let network = client % NETWORKS;
        let request = self.request_from(network, Method::POST, "/v1/decision/outcome");
        let client = format!("client-{client}");
        let body =
            json!({ "release_id": release["release_id"], "client_id": client, "outcome": outcome });
        TestResponse::to(request.json(&body)).await
    }
}
