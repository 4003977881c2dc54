//! `POST /v1/decision/simulate`

use slipway_test_support::{Method, TestResponse, Value, World, json};

use super::with_product;

/// What `change` would do to `clients`.
pub async fn simulate(world: &World, change: Value, clients: Value) -> Value {
    let body = json!({ "change": change, "clients": clients });
    world.post("/v1/decision/simulate", body).await.expect(200)
}

/// A client of `prod_app` at `version`.
pub fn client(id: &str, version: &str) -> Value {
    json!({ "product_id": "prod_app", "current_version": version, "client_id": id, "platform": "windows" })
}

fn revocation(release: &Value) -> Value {
    json!({ "revoke": { "release_id": release["release_id"] } })
}

#[tokio::test]
async fn the_one_client_of_a_thousand_that_a_change_moves_backwards_is_named() {
    let world = with_product().await;
    world.release("prod_app", "1.0.0").await;
    let newest = world.release("prod_app", "2.0.0").await;
    world.put("/v1/policy", json!({ "allow_downgrade": true })).await.expect(200);
    let mut clients: Vec<Value> =
        (0..1000).map(|number| client(&format!("pc-{number}"), "1.0.0")).collect();
    clients[617] = client("the-boss", "2.0.0");
    let told = simulate(&world, revocation(&newest), json!(clients)).await;
    assert_eq!((&told["clients"], &told["changed"]), (&json!(1000), &json!(1000)));
    assert_eq!(
        told["effects"],
        json!({ "moved_backwards": 1, "stranded": 0, "loses_offer": 999, "offered_lower": 0 })
    );
    let changes = told["changes"].as_array().unwrap();
    let is_moved =
        |one: &&Value| one["effects"].as_array().unwrap().contains(&json!("moved_backwards"));
    let moved: Vec<_> = changes.iter().filter(is_moved).collect();
    let decided = |action: &str, reason: &str, version: Option<&str>| json!({ "action": action, "reason": reason, "channel": "stable", "version": version });
    let backwards = json!({
        "client": 617, "client_id": "the-boss", "product_id": "prod_app", "current_version": "2.0.0",
        "before": decided("NONE", "up_to_date", None),
        "after": decided("INSTALL", "downgrade_available", Some("1.0.0")),
        "effects": ["moved_backwards"]
    });
    assert_eq!(moved, [&backwards]);
    assert_eq!(
        told["transitions"],
        json!([
            { "before": decided("INSTALL", "update_available", Some("2.0.0")), "after": decided("NONE", "up_to_date", None), "clients": 999 },
            { "before": backwards["before"], "after": backwards["after"], "clients": 1 }
        ])
    );
    world.stack.stop().await;
}

#[tokio::test]
async fn clients_that_can_t_go_on_where_they_are_are_stranded_and_those_held_back_are_not() {
    let world = with_product().await;
    let only = world.release("prod_app", "1.0.0").await;
    let told =
        simulate(&world, revocation(&only), json!([client("a", "1.0.0"), client("b", "0.1.0")]));
    let told = told.await;
    assert_eq!(told["changes"][0]["effects"], json!(["stranded"]), "{told}");
    assert_eq!(told["changes"][0]["after"]["reason"], "current_version_revoked");
    assert_eq!(told["changes"][1]["effects"], json!(["loses_offer"]));

    let mut draft = World::release_of("prod_app", "2.0.0", "stable", &world.external(7).await);
    draft["draft"] = json!(true);
    draft["min_current_version"] = json!("1.0.0");
    draft["metadata"] = json!({ "min_os_version": "11" });
    let draft = world.post("/v1/releases", draft).await.expect(201);
    let publish = json!({ "publish": { "release_id": draft["release_id"] } });
    let with = |mut client: Value, name: &str, value: &str| {
        client[name] = json!(value);
        client
    };
    let clients = json!([
        client("a", "1.0.0"),
        with(client("b", "1.0.0"), "os_version", "10"),
        with(client("c", "1.0.0"), "platform", "linux"),
        client("d", "0.9.0"),
    ]);
    let told = simulate(&world, publish, clients.clone()).await;
    let effects = |told: &Value| -> Vec<(Value, Value)> {
        let changes = told["changes"].as_array().unwrap();
        changes.iter().map(|one| (one["client_id"].clone(), one["effects"].clone())).collect()
    };
    let stranded = json!(["stranded"]);
    assert_eq!(
        effects(&told),
        [(json!("a"), json!([])), (json!("b"), stranded.clone()), (json!("c"), stranded)],
    );

    let paused = json!({ "publish": { "release_id": draft["release_id"], "rollout": { "basis_points": 0 } } });
    let told = simulate(&world, paused, json!([client("a", "1.0.0")])).await;
    assert_eq!(told["changes"][0]["after"]["reason"], "held_back");
    assert_eq!(told["changes"][0]["effects"], json!([]));
    world.stack.stop().await;
}

#[tokio::test]
async fn a_lower_offer_above_the_installed_version_moves_nobody_backwards() {
    let world = with_product().await;
    world.release("prod_app", "1.0.0").await;
    let newest = world.release("prod_app", "2.0.0").await;
    let told = simulate(&world, revocation(&newest), json!([client("a", "0.9.0")])).await;
    assert_eq!(told["changes"][0]["effects"], json!(["offered_lower"]), "{told}");
    world.stack.stop().await;
}

#[tokio::test]
async fn nothing_is_written_and_nothing_is_counted() {
    let world = with_product().await;
    let release = world.release("prod_app", "1.0.0").await;
    let draft = world.draft("prod_app", "2.0.0").await;
    world.tenant("tenant_acme", json!("*")).await;
    let before = world.rows().await;
    let id = |release: &Value| release["release_id"].clone();
    for change in [
        revocation(&release),
        json!({ "revoke": { "release_id": id(&release), "all_channels": true } }),
        json!({ "promote": { "release_id": id(&release), "channel": "beta" } }),
        json!({ "rollout": { "release_id": id(&release), "rollout": { "percent": 5 } } }),
        json!({ "rollout": { "release_id": id(&draft), "rollout": { "percent": 5 } } }),
        json!({ "policy": { "tenant_id": "tenant_acme", "policy": { "mode": "NOTIFY_ONLY" } } }),
        json!({ "policy": { "product_id": "prod_app", "policy": { "channel": "beta" } } }),
    ] {
        simulate(&world, change.clone(), json!([client("a", "0.1.0")])).await;
        assert!(world.rows().await == before, "{change}");
    }
    let counted = world.get("/v1/products/prod_app/adoption").await.expect(200);
    assert!(!counted.to_string().contains("0.1.0"), "{counted}");
    world.stack.stop().await;
}

#[tokio::test]
async fn it_takes_the_scope_to_read_what_administrators_read() {
    let world = with_product().await;
    let release = world.release("prod_app", "1.0.0").await;
    let body = json!({ "change": revocation(&release), "clients": [client("a", "1.0.0")] });
    let as_token = async |secret: &str| {
        let request = world.request(Method::POST, "/v1/decision/simulate").bearer_auth(secret);
        TestResponse::to(request.json(&body)).await
    };
    let (_, reader) = world.token(&["admin:read"]).await;
    as_token(&reader).await.expect(200);
    let (_, ci) = world.token(&["ci:write"]).await;
    as_token(&ci).await.refused(403, "forbidden", None);
    world.stack.stop().await;
}
