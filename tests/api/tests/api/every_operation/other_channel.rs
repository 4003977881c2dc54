//! A token that is bound to a channel changes nothing on another one, whatever operation it tries:
//! each one that such a token may use at all is listed here.

use std::collections::BTreeSet;

use slipway_edge::{Authorization, Route};
use slipway_test_support::{
    EventDelivery, Method, Options, SampleRequest, TestResponse, Value, World, json, release_path,
    text,
};

use crate::approvals::{PRODUCT as GATED, approval_path, gated};

/// Operations that change something, and nothing on a channel: artifacts and uploads belong to
/// none, and are the token's own; snapshots and mirrors are hidden from it; clients need no token.
const OF_NO_CHANNEL: [&str; 27] = [
    "artifact-register",
    "artifact-verify",
    "bundle-create",
    "bundle-create-from-latest",
    "bundle-delete",
    "bundle-deprecate",
    "bundle-update",
    "component-create",
    "component-delete",
    "component-sync-versions",
    "component-update",
    "decision",
    "decision-outcome",
    "integration-test",
    "mirror-report",
    "promotion-approve",
    "promotion-complete",
    "promotion-create",
    "promotion-reject",
    "snapshot-generate",
    "snapshot-stream-delete",
    "token-exchange",
    "upload-abort",
    "upload-complete",
    "upload-initiate",
    "upload-parts",
    "version-map-create",
];

/// The operations by which a token that is bound to a channel could change anything.
fn changing() -> impl Iterator<Item = Route> {
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    routes.filter(|route| {
        let may_have = match route.access {
            Authorization::Scope(scope) => !scope.is_deployment_wide(),
            Authorization::Public | Authorization::Optional | Authorization::Credential => true,
            Authorization::IntegrationWebhook => false,
        };
        route.verb.as_str() != "GET" && may_have
    })
}

/// A change of `stable`, or of a channel that is yet to be made, by an operation.
type Attempt = (&'static str, Method, String, Value);

/// Two changes of `stable` that wait for sign-off, asked for by somebody else.
async fn waiting(world: &World) -> [Value; 2] {
    gated(world, 1).await;
    let secret = world.secret(json!({ "scopes": ["ci:write"] })).await;
    let artifact = world.external(98).await;
    let ask = async |version: &str| {
        let release = World::release_of(GATED, version, "stable", &artifact);
        world.post_as(&secret, "/v1/releases", release).await.expect(202)
    };
    [ask("1.0.0").await, ask("2.0.0").await]
}

/// Releases on `stable` and `beta` of a product with open channels.
async fn attempts(world: &World) -> Vec<Attempt> {
    let [first, second] = waiting(world).await;
    let product = json!({ "product_id": "prod_open", "name": "App", "open_channels": true });
    world.post("/v1/products", product).await.expect(201);
    let live = world.publish("prod_open", "1.0.0", "stable").await;
    world.publish("prod_open", "2.0.0", "stable").await;
    let on_both = world.publish("prod_open", "2.0.0", "beta").await;
    let beta = world.publish("prod_open", "3.0.0", "beta").await;
    let artifact = world.external(99).await;
    let mut drafts = Vec::new();
    for version in ["4.0.0", "5.0.0", "6.0.0"] {
        let mut draft = World::release_of("prod_open", version, "stable", &artifact);
        draft["draft"] = json!(true);
        drafts.push(world.post("/v1/releases", draft).await.expect(201));
    }
    let more = json!({ "artifacts": [{ "artifact_id": artifact, "platform": "linux", "arch": "arm64", "installer_type": "deb" }] });
    let file = json!({ "filename": "linux.tar.gz", "platform": "linux-x86_64" });
    let new =
        |version: &str, channel: &str| World::release_of("prod_open", version, channel, &artifact);
    let create = |body: Value| ("release-create", Method::POST, "/v1/releases".to_owned(), body);
    let post = |op, release: &Value, rest: &str, body| {
        (op, Method::POST, release_path(release, rest), body)
    };
    let rollout = |body| ("release-rollout", Method::PUT, release_path(&live, "/rollout"), body);
    let update =
        |release: &Value, body| ("release-update", Method::PATCH, release_path(release, ""), body);
    let seen = json!({ "change_sha256": first["change_sha256"] });
    vec![
        ("approval-approve", Method::POST, approval_path(&first, "/approve"), seen),
        ("approval-reject", Method::POST, approval_path(&second, "/reject"), json!({})),
        create(json!({ "product_id": "prod_open", "version": "9.0.0" })),
        create(new("9.1.0", "stable")),
        create(new("9.2.0", "nightly")),
        post("release-publish", &drafts[0], "/publish", json!({})),
        rollout(json!({ "basis_points": 5000 })),
        rollout(json!({ "paused": true })),
        update(&live, json!({ "required": true })),
        update(&live, json!({ "halt_on": { "failure_basis_points": 500, "min_reports": 50 } })),
        update(&drafts[1], json!({ "metadata": { "note": "x" } })),
        post("release-artifact-add", &drafts[2], "/artifacts", more),
        post("release-artifact-presign", &drafts[2], "/artifacts/presign", file),
        ("release-delete", Method::DELETE, release_path(&drafts[1], ""), Value::Null),
        post("release-promote", &live, "/promote", json!({ "channel": "beta" })),
        post("release-promote", &beta, "/promote", json!({ "channel": "stable" })),
        post("release-promote", &beta, "/promote", json!({ "channel": "edge" })),
        post("release-revoke", &on_both, "/revoke", json!({ "reason": "x", "all_channels": true })),
        post("release-revoke", &live, "/revoke", json!({ "reason": "x" })),
    ]
}

/// A stack that carries out no job by itself, so that its rows are what requests make them.
async fn quiet() -> World {
    World::with(Options { events: EventDelivery::Disabled, ..Options::ephemeral() }).await
}

async fn bound_to_beta(world: &World) -> String {
    let scopes: BTreeSet<_> = changing()
        .filter_map(|route| match route.access {
            Authorization::Scope(scope) => Some(scope),
            _ => None,
        })
        .collect();
    world.secret(json!({ "scopes": scopes, "channels": ["beta"] })).await
}

#[tokio::test]
async fn every_operation_that_changes_a_channel_is_refused_on_another_one() {
    let world = quiet().await;
    let attempts = attempts(&world).await;
    let secret = bound_to_beta(&world).await;
    let before = world.rows().await;
    for (op, method, path, body) in &attempts {
        let request = world.bearer(&secret, method.clone(), path).json(body);
        let answer = TestResponse::to(request).await;
        assert_eq!(answer.status, 403, "{op} {body}: {:#}", answer.body);
        answer.refused(403, "forbidden", None);
        assert!(world.rows().await == before, "{op} {body}");
    }
    let tried: BTreeSet<_> = attempts.iter().map(|(op, ..)| *op).chain(OF_NO_CHANNEL).collect();
    let all: BTreeSet<_> = changing().map(|route| route.op).collect();
    assert_eq!(tried, all, "an operation without an attempt on another channel");
}

/// The attempts are refused for the channel alone.
#[tokio::test]
async fn whoever_is_bound_to_no_channel_may_do_all_of_it() {
    let world = quiet().await;
    for (op, method, path, body) in attempts(&world).await {
        let answer = TestResponse::to(world.admin(method, &path).json(&body)).await;
        assert!(answer.status < 300, "{op} {body}: {:#}", answer.body);
    }
}

#[tokio::test]
async fn what_belongs_to_no_channel_changes_nothing_of_others_by_such_a_token() {
    let world = quiet().await;
    attempts(&world).await;
    world.tenant("tenant_acme", json!("*")).await;
    let release = world.get("/v1/products/prod_open/releases/latest").await.expect(200);
    let upload = json!({ "size_bytes": 1, "sha256": "ab".repeat(32) });
    let upload = world.post("/v1/artifacts/uploads", upload).await.expect(201);
    let snapshot = json!({ "tenant_id": "tenant_acme" });
    let snapshot = world.post("/v1/snapshots/generate", snapshot).await.expect(201);
    let mirror = json!({ "tenant_id": "tenant_acme", "name": "Berlin" });
    let mirror = world.post("/v1/mirrors", mirror).await.expect(201);
    let integration = crate::integrations::integration(&world, "hub").await;
    let [component, bundle, environment, promotion] = crate::promotions::open(&world).await;
    let secret = bound_to_beta(&world).await;
    let id = |prefix: &str| match prefix {
        "prod" => Some("prod_open".to_owned()),
        "tenant" => Some("tenant_acme".to_owned()),
        "rel" => Some(text(&release, "release_id").to_owned()),
        "art" => Some(text(&release["artifacts"][0], "artifact_id").to_owned()),
        "upl" => Some(text(&upload, "upload_id").to_owned()),
        "snapshot" => Some(text(&snapshot, "snapshot_id").to_owned()),
        "mir" => Some(text(&mirror, "id").to_owned()),
        "env" => Some(text(&environment, "id").to_owned()),
        "int" => Some(text(&integration, "id").to_owned()),
        "cmp" => Some(text(&component, "id").to_owned()),
        "bdl" => Some(text(&bundle, "id").to_owned()),
        "prm" => Some(text(&promotion, "id").to_owned()),
        _ => None,
    };
    let before = world.rows().await;
    for op in OF_NO_CHANNEL {
        let answer = SampleRequest::of(op).with_ids(id).send(&world, &secret).await;
        // A JWT that is none is refused as such.
        assert_ne!(answer.body["error"]["code"], "unauthenticated", "{op}");
        let after = world.rows().await;
        for (key, row) in &before {
            assert_eq!(after.get(key), Some(row), "{op}: {key:?}");
        }
    }
}
