//! What belongs to others: a credential that is bound elsewhere learns nothing of it and changes
//! nothing about it, whatever operation it tries.

use std::collections::BTreeMap;

use slipway_catalog::schema::{Entity, matches};
use slipway_edge::{Authorization, Scope};
use slipway_test_support::{
    CiWorld, EventDelivery, Method, Options, SampleRequest, TestResponse, Value, World, json,
    release_path, text,
};

/// The scopes that go with a token that is bound like this.
fn scopes(binding: &Value) -> Vec<Scope> {
    let is_customer = binding["tenant_id"].is_string();
    let fits =
        |scope: &Scope| !(scope.is_deployment_wide() || is_customer && scope.is_for_vendors());
    Scope::ALL.into_iter().filter(fits).collect()
}

async fn product_and_tenant(world: &World, name: &str) {
    let product = format!("prod_{name}");
    let new =
        json!({ "product_id": product, "name": name, "slug": name, "artifact_access": "token" });
    world.post("/v1/products", new).await.expect(201);
    world.tenant(&format!("tenant_{name}"), json!([product])).await;
}

/// Everything that there can be of a vendor's: the id of one entity for each prefix.
async fn theirs(ci: &CiWorld) -> BTreeMap<String, String> {
    let world = &ci.world;
    product_and_tenant(world, "theirs").await;
    let release = world.publish("prod_theirs", "1.0.0", "stable").await;
    let client =
        json!({ "product_id": "prod_theirs", "current_version": "0.9.0", "client_id": "c" });
    world.post("/v1/decision", json!({ "products": [client] })).await.expect(200);
    until_counted(world).await;
    let steps = json!({ "steps": [{ "percent": 10, "after": "1h" }] });
    world.put(&release_path(&release, "/rollout"), steps).await.expect(200);
    let rule = json!({ "halt_on": { "failure_basis_points": 500, "min_reports": 50 } });
    world.patch(&release_path(&release, ""), rule).await.expect(200);
    let outcome = json!({ "release_id": text(&release, "release_id"), "client_id": "c", "outcome": "failed" });
    world.post("/v1/decision/outcome", outcome).await.expect(200);
    let approval = theirs_waits(world).await;
    let sha256 = "ab".repeat(32);
    let upload = json!({ "size_bytes": 1, "sha256": sha256 });
    let upload = world.admin(Method::POST, "/v1/artifacts/uploads").json(&upload);
    let upload = TestResponse::to(upload.header("idempotency-key", "k")).await.expect(201);
    let tenant = json!({ "tenant_id": "tenant_theirs" });
    let snapshot = world.post("/v1/snapshots/generate", tenant.clone()).await.expect(201);
    let beta = json!({ "tenant_id": "tenant_theirs", "channels": ["beta"] });
    world.post("/v1/snapshots/generate", beta).await.expect(201);
    world.post("/v1/snapshots/generate", json!({})).await.expect(202);
    world.put("/v1/snapshots/config", json!({})).await.expect(200);
    their_policies(world).await;
    let mirror = json!({ "tenant_id": "tenant_theirs", "name": "Berlin" });
    let mirror = world.post("/v1/mirrors", mirror).await.expect(201);
    let integration = crate::integrations::integration(world, "hub").await;
    let [component, bundle, environment, promotion] = crate::promotions::open(world).await;
    let (token, _) = world.token(&["ci:write"]).await;
    let rule = ci.rule(&json!({ "product_ids": ["prod_theirs"] })).await;
    ci.token(&rule).await;
    let webhook = world.webhook("https://hooks.example.com/theirs", json!({})).await;
    world.queue_webhook_events().await.unwrap();
    let artifact = text(&release["artifacts"][0], "artifact_id");
    let ids = [
        ("prod", "prod_theirs"),
        ("tenant", "tenant_theirs"),
        ("rel", text(&release, "release_id")),
        ("art", artifact),
        ("upl", text(&upload, "upload_id")),
        ("snapshot", text(&snapshot, "snapshot_id")),
        ("mir", text(&mirror, "id")),
        ("env", text(&environment, "id")),
        ("int", text(&integration, "id")),
        ("cmp", text(&component, "id")),
        ("bdl", text(&bundle, "id")),
        ("prm", text(&promotion, "id")),
        ("tok", &token),
        ("trust", &rule),
        ("apr", text(&approval, "approval_id")),
        ("whk", text(&webhook, "webhook_id")),
    ];
    ids.map(|(prefix, id)| (prefix.to_owned(), id.to_owned())).into()
}

/// A policy of theirs on each level.
async fn their_policies(world: &World) {
    for path in [
        "/v1/policy",
        "/v1/products/prod_theirs/policy",
        "/v1/tenants/tenant_theirs/policy",
        "/v1/tenants/tenant_theirs/policies/prod_theirs",
    ] {
        world.put(path, json!({ "mode": "NOTIFY_ONLY" })).await.expect(200);
    }
}

/// A change of a release of theirs that waits for sign-off, and for a file that is yet to come.
async fn theirs_waits(world: &World) -> Value {
    let rules = json!({ "channel_sign_off": { "internal": { "required_approvals": 1 } } });
    world.patch("/v1/products/prod_theirs", rules).await.expect(200);
    let artifact = world.external(2).await;
    let mut draft = World::release_of("prod_theirs", "2.0.0", "internal", &artifact);
    draft["draft"] = json!(true);
    let draft = world.post("/v1/releases", draft).await.expect(201);
    world.presign(&draft, "linux.tar.gz").await;
    world.post(&release_path(&draft, "/publish"), json!({})).await.expect(202)
}

/// Waits until decisions and offers are counted, in this order: that is done after the response.
async fn until_counted(world: &World) {
    while !world.rows().await.keys().any(|(pk, _)| pk.starts_with("OFFERED#")) {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

/// Tokens with every scope that may be theirs, bound to anything but what is [`theirs`].
async fn foreign_tokens(world: &World) -> Vec<String> {
    product_and_tenant(world, "mine").await;
    let mut secrets = Vec::new();
    for binding in [
        json!({ "product_ids": ["prod_mine"] }),
        json!({ "tenant_id": "tenant_mine" }),
        json!({ "tenant_id": "tenant_mine", "channels": ["stable"] }),
        json!({ "tenant_id": "tenant_mine", "product_ids": ["prod_theirs"] }),
    ] {
        let mut token = json!({ "scopes": scopes(&binding) });
        token.as_object_mut().unwrap().extend(binding.as_object().unwrap().clone());
        secrets.push(world.secret(token).await);
    }
    secrets
}

/// Makes sure that there is a row of every entity, so that there is something to be hidden.
fn every_entity_is_there(rows: &BTreeMap<(String, String), Value>) {
    // Only the job that runs by the clock writes it, and it holds a time.
    for entity in Entity::ALL.into_iter().filter(|entity| *entity != Entity::ScheduleState) {
        let patterns = [entity.partitions(), entity.appends()].concat();
        let has_row = |pattern: &&str| rows.keys().any(|(pk, _)| matches(pattern, pk));
        assert!(patterns.iter().filter(|one| **one != "AUDIT#*").all(has_row), "{entity:?}");
    }
}

#[tokio::test]
async fn no_operation_shows_or_changes_what_a_credential_is_not_bound_to() {
    let options = Options {
        events: EventDelivery::Disabled,
        adoption_interval: Some(jiff::SignedDuration::from_mins(1)),
        webhooks: slipway_edge::services::webhooks(vec!["*".to_owned()]),
        ..Options::ephemeral()
    };
    let ci = CiWorld::with(options).await;
    let theirs = theirs(&ci).await;
    let world = ci.world;
    let tokens = foreign_tokens(&world).await;
    let before = world.rows().await;
    every_entity_is_there(&before);
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    for route in routes.filter(|route| route.access != Authorization::Public) {
        let request = SampleRequest::of(route.op).with_ids(|prefix| theirs.get(prefix).cloned());
        let nothing = SampleRequest::of(route.op).about_nothing();
        for secret in &tokens {
            let answer = request.send(&world, secret).await;
            let told = answer.body.to_string() + answer.header("location").unwrap_or_default();
            let asked = format!("{}: {:?} {:#}", route.op, answer.status, answer.body);
            if answer.status < 300 {
                assert!(theirs.values().all(|id| !told.contains(id)), "{asked}");
            }
            let of_nothing = nothing.send(&world, secret).await;
            let code = |answer: &TestResponse| answer.body["error"]["code"].clone();
            assert_eq!(
                (answer.status, code(&answer)),
                (of_nothing.status, code(&of_nothing)),
                "{asked}: as if it did not exist"
            );
        }
        let after = world.rows().await;
        for (key, row) in &before {
            assert_eq!(after.get(key), Some(row), "{}: {key:?}", route.op);
        }
    }
    world.stack.stop().await;
}
