//! From an upload to a client's decision, and back.

use serde_json::{Value, json};
use slipway_tests_deployed::{Api, Stack};

use crate::bytes::{made_of, sha256, uploaded};
use crate::fixtures::{Fixtures, text};
use crate::verifier;

#[tokio::test]
async fn a_product_bound_token_publishes_what_clients_are_told_of() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "publishing").await;
    let bytes = made_of("publishing", 200_000);
    let artifact = uploaded(&fixtures.ci, bytes.clone()).await;
    let request = fixtures.release("1.0.0", &artifact);
    let release = fixtures.ci.post("/v1/releases", request.clone()).await;
    let again = fixtures.ci.post("/v1/releases", request).await;
    assert_eq!(release["release_id"], again["release_id"]);

    let product = json!({ "product_id": fixtures.product, "current_version": "0.9.0" });
    let asked = json!({ "products": [product], "nonce": "a-nonce-of-the-client" });
    let decision = stack.api.as_anybody().post("/v1/decision", asked).await;
    verifier::accept("decision", &decision, &stack.api.get("/v1/keys").await);
    assert_eq!(decision["decisions"][0]["action"], "INSTALL", "{decision}");
    let download = text(&decision["decisions"][0]["artifacts"][0]["download_url"]);
    let (_, path) = download.split_at(download.find("/v1/").unwrap());
    let location = stack.api.as_anybody().location(path).await;
    assert_eq!(sha256(&stack.api.download(&location).await), sha256(&bytes));

    revoke(&stack.api, &fixtures, &release).await;
}

/// Nobody is offered a release that was revoked.
async fn revoke(api: &Api, fixtures: &Fixtures, release: &Value) {
    let path = format!("/v1/releases/{}/revoke", text(&release["release_id"]));
    api.post(&path, json!({ "reason": "crashes at start" })).await;
    // As long as an instance of the function may rest on what it has read.
    std::thread::sleep(std::time::Duration::from_secs(6));
    assert_eq!(fixtures.decision(api, "0.9.0").await["action"], "NONE");
}

#[tokio::test]
async fn a_draft_gets_artifacts_and_is_published_in_steps() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "drafts").await;
    let draft = fixtures.draft("1.0.0");
    let draft = fixtures.ci.post("/v1/releases", draft).await;
    let path = format!("/v1/releases/{}", text(&draft["release_id"]));
    let bytes = made_of("presigned", 1000);
    let place = json!({ "filename": "linux.tar.gz", "platform": "linux-x86_64" });
    let place = fixtures.ci.post(&format!("{path}/artifacts/presign"), place).await;
    assert!(
        fixtures.ci.upload(&place["upload_url"], &Value::Null, bytes.clone()).await.is_success()
    );
    let registration = json!({
        "artifact_id": place["artifact_id"], "object_key": place["object_key"],
        "checksum": sha256(&bytes),
        "size": 1000, "platform": "linux-x86_64",
    });
    fixtures.ci.post(&format!("{path}/artifacts"), registration).await;
    let steps = json!({ "percent": 10 });
    fixtures.ci.post(&format!("{path}/publish"), json!({ "rollout": steps })).await;
    stack.api.put(&format!("{path}/rollout"), json!({ "percent": 100 })).await;
    stack.api.patch(&path, json!({ "metadata": { "release_notes": "second thoughts" } })).await;
    stack.api.post(&format!("{path}/promote"), json!({ "channel": "stable" })).await;
    for read in ["", "/artifacts", "/history", "/health"] {
        stack.api.get(&format!("{path}{read}")).await;
    }
    let unwanted = fixtures.draft("2.0.0");
    let unwanted = fixtures.ci.post("/v1/releases", unwanted).await;
    stack.api.delete(&format!("/v1/releases/{}", text(&unwanted["release_id"]))).await;
    assert_eq!(fixtures.decision(&stack.api, "0.9.0").await["action"], "INSTALL");
}

#[tokio::test]
async fn operators_read_what_there_is() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "reading").await;
    let artifact = uploaded(&fixtures.ci, made_of("reading", 5000)).await;
    fixtures.ci.post("/v1/releases", fixtures.release("1.0.0", &artifact)).await;
    let product = format!("/v1/products/{}", fixtures.product);
    let described =
        stack.api.patch(&product, json!({ "description": "What customers run." })).await;
    assert_eq!(described["description"], "What customers run.");
    for read in ["", "/releases", "/releases/latest?channel=stable", "/adoption", "/activity"] {
        stack.api.get(&format!("{product}{read}")).await;
    }
    let tenant = format!("/v1/tenants/{}", fixtures.tenant);
    stack.api.patch(&tenant, json!({ "name": "Acme" })).await;
    let lists = ["/v1/products", "/v1/tenants", "/v1/tokens", "/v1/releases", "/v1/artifacts"];
    for read in
        [&tenant, "/v1/channels", "/v1/audit/events"].into_iter().map(AsRef::as_ref).chain(lists)
    {
        stack.api.get(read).await;
    }
}

#[tokio::test]
async fn a_client_reports_and_an_operator_asks_why() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "outcomes").await;
    let artifact = uploaded(&fixtures.ci, made_of("outcomes", 5000)).await;
    let mut request = fixtures.release("1.0.0", &artifact);
    request["halt_on"] =
        json!({ "min_reports": 10, "failure_basis_points": 5000, "min_networks": 1 });
    let release = fixtures.ci.post("/v1/releases", request).await;
    let product = json!({ "product_id": fixtures.product, "current_version": "0.9.0" });
    let explained = stack.api.post("/v1/decision/explain", product).await;
    assert_eq!(explained["decision"]["action"], "INSTALL", "{explained}");
    let revoke = json!({ "revoke": { "release_id": release["release_id"] } });
    let client = json!({ "product_id": fixtures.product, "current_version": "0.9.0" });
    stack.api.post("/v1/decision/simulate", json!({ "change": revoke, "clients": [client] })).await;
    for client in 0..10 {
        let outcome = json!({
            "release_id": release["release_id"], "client_id": format!("client-{client}"),
            "outcome": "failed",
        });
        stack.api.as_anybody().post("/v1/decision/outcome", outcome).await;
    }
    // The stream starts halt-releases, which pauses the rollout.
    let path = format!("/v1/releases/{}", text(&release["release_id"]));
    stack.api.eventually(&path, |release| release["rollout"]["paused"] == true).await;
}
