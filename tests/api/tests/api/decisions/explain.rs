//! `POST /v1/decision/explain`

use slipway_test_support::{Method, TestResponse, Value, World, json, release_path};

use super::{ask, with_product};

async fn explain(world: &World, client: Value) -> Value {
    world.post("/v1/decision/explain", client).await.expect(200)
}

/// Rule, result, reason and version of each rule, in short.
fn rules(explanation: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map(|text| format!(" {text}")).unwrap_or_default();
    let rule = |one: &Value| {
        let [rule, result] = ["rule", "result"].map(|name| one[name].as_str().unwrap());
        format!("{rule} {result}{}{}", text(&one["reason"]), text(&one["version"]))
    };
    explanation["rules"].as_array().unwrap().iter().map(rule).collect()
}

const VALID: [&str; 7] = [
    "product passed",
    "tenant not_applicable",
    "channel passed",
    "current_version passed",
    "platform passed",
    "arch passed",
    "os_version passed",
];

#[tokio::test]
async fn every_rule_is_told_in_order_and_the_decision_is_the_client_s() {
    let world = with_product().await;
    for version in ["1.1.0", "1.2.0"] {
        world.release("prod_app", version).await;
    }
    let staged = world.release("prod_app", "1.3.0").await;
    let nobody = json!({ "basis_points": 0 });
    world.put(&release_path(&staged, "/rollout"), nobody).await.expect(200);
    let blocked = json!({ "blocked_versions": ["1.2.0"], "mode": "NOTIFY_ONLY" });
    world.put("/v1/policy", blocked).await.expect(200);
    let client = json!({ "platform": "Win32", "client_id": "pc-1" });
    let told = ask(&world, client.clone()).await;
    let mut body = client;
    body["product_id"] = json!("prod_app");
    body["current_version"] = json!("v1.0.0");
    let explained = explain(&world, body).await;
    assert_eq!(
        (&explained["decision"]["version"], &told["version"]),
        (&json!("1.1.0"), &json!("1.1.0"))
    );
    assert_eq!(explained["decision"]["artifacts"], told["artifacts"]);
    let mut expected: Vec<String> = VALID.map(str::to_owned).into();
    expected.extend(
        [
            "stepping_stone not_applicable",
            "candidate skipped held_back 1.3.0",
            "candidate skipped blocked_by_policy 1.2.0",
            "candidate passed 1.1.0",
            "newest_release decided update_available 1.1.0",
            "mode passed",
        ]
        .map(str::to_owned),
    );
    assert_eq!(rules(&explained), expected);
    assert_eq!(explained["client"]["platform"], "windows");
    assert_eq!(explained["client"]["current_version"], "1.0.0");
    world.stack.stop().await;
}

#[tokio::test]
async fn each_level_says_what_it_contributes() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    world.tenant("tenant_acme", json!("*")).await;
    for (path, policy) in [
        (
            "/v1/policy",
            json!({ "mode": "NOTIFY_ONLY", "allow_downgrade": true, "blocked_versions": ["0.1.0"] }),
        ),
        (
            "/v1/products/prod_app/policy",
            json!({ "mode": "MANAGED_BY_IT", "blocked_versions": ["0.2.0"] }),
        ),
        ("/v1/tenants/tenant_acme/policy", json!({ "channel": "beta", "mode": "DOWNLOAD_ONLY" })),
    ] {
        world.put(path, policy).await.expect(200);
    }
    let client =
        json!({ "product_id": "prod_app", "current_version": "1.0.0", "tenant_id": "tenant_acme" });
    let explained = explain(&world, client).await;
    let levels: Vec<_> = explained["policies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            json!([one["tenant_id"], one["product_id"], one["decides"], one["channel_skipped"]])
        })
        .collect();
    assert_eq!(
        json!(levels),
        json!([
            [null, "prod_app", ["mode", "blocked_versions"], false],
            ["tenant_acme", null, [], true],
            [null, null, ["allow_downgrade", "blocked_versions"], false],
        ])
    );
    assert_eq!(explained["policy"]["mode"], "MANAGED_BY_IT");
    assert_eq!(rules(&explained).last().unwrap(), "mode decided managed_by_it");
    assert_eq!(explained["decision"]["action"], "NONE");
    world.stack.stop().await;
}

#[tokio::test]
async fn older_releases_that_were_looked_up_are_told_with_their_obstacles() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    for minor in 2..8 {
        let staged = world.release("prod_app", &format!("1.{minor}.0")).await;
        let nobody = json!({ "basis_points": 0 });
        world.put(&release_path(&staged, "/rollout"), nobody).await.expect(200);
    }
    let client =
        json!({ "product_id": "prod_app", "current_version": "1.0.0", "platform": "windows" });
    let explained = explain(&world, client).await;
    assert_eq!(explained["decision"]["version"], "1.1.0");
    let newest = "newest_release decided update_available 1.1.0".to_owned();
    assert!(rules(&explained).contains(&newest), "{explained}");
    let client =
        json!({ "product_id": "prod_app", "current_version": "1.1.0", "platform": "windows" });
    let explained = explain(&world, client).await;
    assert_eq!(explained["decision"]["reason"], "held_back");
    let older: Vec<_> = explained["older_releases"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["version"].clone(), one["reason"].clone()))
        .collect();
    let held = |version: &str| (json!(version), json!("held_back"));
    assert_eq!(older, [held("1.4.0"), held("1.3.0"), held("1.2.0")]);
    world.stack.stop().await;
}

#[tokio::test]
async fn a_client_that_says_nothing_of_use_is_explained_and_nothing_is_written() {
    let world = with_product().await;
    let revoked = world.release("prod_app", "1.1.0").await;
    world.revoke(&revoked).await;
    let before = world.rows().await;
    for (client, expected) in [
        (json!({}), "product decided unknown_product"),
        (
            json!({ "product_id": "prod_app", "tenant_id": "tenant_none" }),
            "tenant decided unknown_tenant",
        ),
        (
            json!({ "product_id": "prod_app", "current_version": [1] }),
            "current_version decided invalid_version",
        ),
        (
            json!({ "product_id": "prod_app", "current_version": "1.0.0", "more": 1, "arch": "z80" }),
            "arch decided unknown_arch",
        ),
        (
            json!({ "product_id": "prod_app", "current_version": "1.1.0" }),
            "downgrade decided current_version_revoked",
        ),
        (
            json!({ "product_id": "prod_app", "current_version": "1.2.0" }),
            "nothing_newer decided no_release",
        ),
    ] {
        let explained = explain(&world, client).await;
        let rules = rules(&explained);
        let [.., decided, mode] = &rules[..] else { panic!("{rules:?}") };
        assert_eq!((decided.as_str(), mode.as_str()), (expected, "mode passed"));
    }
    assert!(world.rows().await == before);
    let (_, ci) = world.token(&["ci:write"]).await;
    let request = world.request(Method::POST, "/v1/decision/explain").bearer_auth(ci);
    TestResponse::to(request.json(&json!({}))).await.refused(403, "forbidden", None);
    world.stack.stop().await;
}
