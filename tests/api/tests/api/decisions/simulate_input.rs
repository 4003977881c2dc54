//! `POST /v1/decision/simulate`: what is refused, as the change itself would be

use slipway_test_support::{Value, World, json, release_path};

use super::simulate::client;
use super::with_product;

async fn refused(world: &World, change: &Value, expected: (u16, &str, Option<&str>)) {
    let body = json!({ "change": change, "clients": [client("a", "1.0.0")] });
    let answer = world.post("/v1/decision/simulate", body).await;
    let (status, code, field) = expected;
    answer.refused(status, code, field);
}

#[tokio::test]
async fn a_change_that_would_be_refused_is_refused_with_its_error() {
    let world = with_product().await;
    let draft = world.draft("prod_app", "1.0.0").await["release_id"].clone();
    let revoked = world.release("prod_app", "1.1.0").await;
    world.revoke(&revoked).await;
    let revoked = revoked["release_id"].clone();
    let live = world.release("prod_app", "1.2.0").await["release_id"].clone();
    world
        .post(
            "/v1/releases",
            World::release_of("prod_app", "1.2.0", "beta", &world.external(9).await),
        )
        .await
        .expect(201);
    for (change, expected) in [
        (json!({ "revoke": { "release_id": draft } }), (409, "stale_state", None)),
        (
            json!({ "revoke": { "release_id": draft, "all_channels": true } }),
            (409, "stale_state", None),
        ),
        (json!({ "revoke": { "release_id": "rel_none" } }), (404, "not_found", None)),
        (json!({ "publish": { "release_id": revoked } }), (409, "stale_state", None)),
        (
            json!({ "rollout": { "release_id": revoked, "rollout": { "percent": 1 } } }),
            (409, "stale_state", None),
        ),
        (
            json!({ "promote": { "release_id": live, "channel": "nightly" } }),
            (422, "unknown_channel", Some("change.promote.channel")),
        ),
        (
            json!({ "promote": { "release_id": live, "channel": "stable" } }),
            (400, "invalid_field", Some("change.promote.channel")),
        ),
        (
            json!({ "promote": { "release_id": live, "channel": "beta" } }),
            (409, "release_exists", Some("change.promote.version")),
        ),
        (
            json!({ "policy": { "product_id": "prod_app", "policy": { "channel": "nightly" } } }),
            (422, "unknown_channel", Some("change.policy.policy.channel")),
        ),
        (
            json!({ "policy": { "product_id": "prod_none", "policy": {} } }),
            (404, "not_found", None),
        ),
        (
            json!({ "policy": { "tenant_id": "tenant_none", "policy": {} } }),
            (404, "not_found", None),
        ),
        (json!({ "policy": { "policy": null } }), (404, "not_found", None)),
    ] {
        refused(&world, &change, expected).await;
    }
    world.stack.stop().await;
}

#[tokio::test]
async fn what_is_wrong_in_form_is_refused_at_its_place() {
    let world = with_product().await;
    let release = world.release("prod_app", "1.0.0").await;
    let id = &release["release_id"];
    let invalid = |field| (400, "invalid_field", Some(field));
    for (change, expected) in [
        (json!({}), invalid("change")),
        (json!({ "delete": {} }), invalid("change")),
        (
            json!({ "revoke": { "release_id": id }, "publish": { "release_id": id } }),
            invalid("change"),
        ),
        (
            json!({ "revoke": { "release_id": id, "now": 1 } }),
            (400, "unknown_field", Some("change.revoke.now")),
        ),
        (
            json!({ "publish": { "release_id": id, "rollout": { "percent": 1, "basis_points": 1 } } }),
            invalid("change.publish.rollout.percent"),
        ),
        (
            json!({ "promote": { "release_id": id, "channel": "beta", "rollout": { "steps": [] } } }),
            invalid("change.promote.rollout.steps"),
        ),
        (
            json!({ "rollout": { "release_id": id, "rollout": {} } }),
            invalid("change.rollout.rollout.basis_points"),
        ),
        (json!({ "policy": { "product_id": "prod_app" } }), invalid("change.policy.policy")),
        (
            json!({ "policy": { "policy": { "blocked_versions": ["1.0.0", "1.0.0"] } } }),
            invalid("change.policy.policy.blocked_versions[1]"),
        ),
    ] {
        refused(&world, &change, expected).await;
    }
    let change = json!({ "revoke": { "release_id": id } });
    for clients in [json!([]), json!(vec![client("a", "1.0.0"); 1001])] {
        let body = json!({ "change": change, "clients": clients });
        world.post("/v1/decision/simulate", body).await.refused(
            400,
            "invalid_field",
            Some("clients"),
        );
    }
    let odd =
        json!([{ "current_version": 7, "more": true }, client("a", "none"), client("a", "none")]);
    let body = json!({ "change": change, "clients": odd });
    let told = world.post("/v1/decision/simulate", body).await.expect(200);
    assert_eq!((&told["clients"], &told["changed"]), (&json!(3), &json!(0)), "{told}");
    world.stack.stop().await;
}

#[tokio::test]
async fn the_answer_about_the_longest_request_fits() {
    let world = with_product().await;
    let release = world.release("prod_app", "2.0.0").await;
    let change = json!({ "revoke": { "release_id": release["release_id"] } });
    let long = |number: usize| client(&format!("{number}{}", "\"".repeat(450)), "1.0.0");
    let clients: Vec<Value> = (0..1000).map(long).collect();
    let body = json!({ "change": change, "clients": clients });
    assert!((900_000..1 << 20).contains(&body.to_string().len()));
    let told = world.post("/v1/decision/simulate", body).await.expect(200);
    assert_eq!(told["effects"]["loses_offer"], json!(1000));
    world.stack.stop().await;
}

/// The body of `operation` on a release, as the change of a simulation.
fn proposal(operation: &str, release: &Value, body: &Value) -> Value {
    let mut proposal = body.clone();
    proposal["release_id"] = release["release_id"].clone();
    json!({ "change": { operation: proposal }, "clients": [client("a", "1.0.0")] })
}

#[tokio::test]
async fn the_body_of_the_operation_is_taken_beside_the_id_of_the_release() {
    let world = with_product().await;
    let mut draft = World::release_of("prod_app", "2.0.0", "stable", &world.external(9).await);
    draft["draft"] = json!(true);
    let draft = world.post("/v1/releases", draft).await.expect(201);
    let live = world.release("prod_app", "1.5.0").await;
    let halt_on = json!({ "failure_basis_points": 500, "min_reports": 100 });
    for (operation, release, body) in [
        (
            "publish",
            &draft,
            json!({
                "expected_artifacts": 2, "rollout": { "percent": 50 }, "halt_on": halt_on,
                "allow_prerelease": true,
            }),
        ),
        ("publish", &draft, json!({ "expected_artifacts": 0 })),
        ("publish", &draft, json!({ "expected_artifacts": 51 })),
        ("publish", &draft, json!({ "halt_on": { "failure_basis_points": 500 } })),
        (
            "publish",
            &draft,
            json!({ "halt_on": { "failure_basis_points": 0, "min_reports": 100 } }),
        ),
        ("publish", &draft, json!({ "expected_artifacts": 1, "halt_on": halt_on })),
        ("publish", &draft, json!({ "expected_artifacts": 2 })),
        (
            "promote",
            &live,
            json!({ "channel": "beta", "halt_on": { "failure_basis_points": 500 } }),
        ),
        (
            "promote",
            &live,
            json!({
                "channel": "beta", "rollout": { "percent": 50 }, "halt_on": null,
                "allow_prerelease": false,
            }),
        ),
        ("revoke", &live, json!({ "reason": "" })),
        ("revoke", &live, json!({ "reason": "x".repeat(100_000) })),
        ("revoke", &live, json!({ "reason": "it crashes", "all_channels": true })),
    ] {
        let simulated = proposal(operation, release, &body);
        let simulated = world.post("/v1/decision/simulate", simulated).await;
        let made = world.post(&release_path(release, &format!("/{operation}")), body.clone()).await;
        let (told, expected) = (&simulated.body["error"], &made.body["error"]);
        assert_eq!(told["code"], expected["code"], "{body}: {told}");
        let field = expected["field"].as_str();
        let field = field.map(|field| format!("change.{operation}.{field}"));
        assert_eq!(told["field"].as_str(), field.as_deref(), "{body}: {expected}");
    }
    let without_reason = proposal("revoke", &draft, &json!({}));
    world.post("/v1/decision/simulate", without_reason).await.expect(200);
    world.stack.stop().await;
}
