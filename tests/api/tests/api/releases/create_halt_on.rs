//! `halt_on` of releases: where it comes from, and what it may say.

use slipway_test_support::{Value, World, json, release_path};

fn rule(share: u64) -> Value {
    json!({ "failure_basis_points": share, "min_reports": 50, "min_networks": 3 })
}

async fn with_rule() -> (World, Value) {
    let world = World::start().await;
    world.product("prod_app").await;
    let mut new = World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await);
    new["halt_on"] = json!({ "failure_basis_points": 500, "min_reports": 50 });
    let release = world.post("/v1/releases", new).await.expect(201);
    (world, release)
}

#[tokio::test]
async fn a_release_says_its_rule_which_is_changed_and_removed() {
    let (world, release) = with_rule().await;
    assert_eq!((&release["halt_on"], &release["halted"]), (&rule(500), &Value::Null));
    let path = release_path(&release, "");
    let patched = world.patch(&path, json!({ "halt_on": rule(100) })).await.expect(200);
    assert_eq!(patched["halt_on"], rule(100));
    let kept = world.patch(&path, json!({ "metadata": { "notes": "n" } })).await.expect(200);
    assert_eq!(kept["halt_on"], rule(100));
    let removed = world.patch(&path, json!({ "halt_on": null })).await.expect(200);
    assert_eq!(removed["halt_on"], Value::Null);
}

#[tokio::test]
async fn a_promotion_has_the_rule_of_what_is_promoted_unless_it_says_another_one() {
    let (world, release) = with_rule().await;
    for (channel, body, expected) in
        [("beta", json!({}), rule(500)), ("internal", json!({ "halt_on": rule(7) }), rule(7))]
    {
        let mut to = body;
        to["channel"] = json!(channel);
        let promoted = world.post(&release_path(&release, "/promote"), to).await.expect(201);
        assert_eq!(promoted["halt_on"], expected);
    }
    let new = json!({ "product_id": "prod_b", "name": "B" });
    world.post("/v1/products", new).await.expect(201);
    let mut other = World::release_of("prod_b", "1.0.0", "beta", &world.external(2).await);
    other["halt_on"] = rule(9);
    let other = world.post("/v1/releases", other).await.expect(201);
    let to = json!({ "channel": "stable", "halt_on": null });
    let promoted = world.post(&release_path(&other, "/promote"), to).await.expect(201);
    assert_eq!(promoted["halt_on"], Value::Null);
}

#[tokio::test]
async fn a_draft_is_published_with_its_rule_unless_the_publication_says_another_one() {
    let (world, _) = with_rule().await;
    let artifact = world.external(3).await;
    for (version, body, expected) in [
        ("2.0.0", json!({}), rule(9)),
        ("2.0.1", json!({ "halt_on": null }), Value::Null),
        ("2.0.2", json!({ "halt_on": rule(8) }), rule(8)),
    ] {
        let mut draft = World::release_of("prod_app", version, "stable", &artifact);
        draft["draft"] = json!(true);
        draft["halt_on"] = rule(9);
        let draft = world.post("/v1/releases", draft).await.expect(201);
        assert_eq!(draft["halt_on"], rule(9));
        let published = world.post(&release_path(&draft, "/publish"), body).await.expect(200);
        assert_eq!(published["halt_on"], expected, "{version}");
    }
}

#[tokio::test]
async fn a_rule_out_of_bounds_is_refused_by_its_member() {
    let (world, release) = with_rule().await;
    let before = world.rows().await;
    for (member, wrong) in [
        ("failure_basis_points", json!(0)),
        ("failure_basis_points", json!(10_001)),
        ("min_reports", json!(9)),
        ("min_reports", json!(1_000_001)),
        ("min_networks", json!(0)),
        ("min_networks", json!(17)),
        ("min_reports", json!("many")),
    ] {
        let mut wrong_rule = rule(500);
        wrong_rule[member] = wrong;
        let answer =
            world.patch(&release_path(&release, ""), json!({ "halt_on": wrong_rule })).await;
        answer.refused(400, "invalid_field", Some(&format!("halt_on.{member}")));
    }
    let unknown =
        json!({ "halt_on": { "failure_basis_points": 1, "min_reports": 10, "after": "1h" } });
    let answer = world.patch(&release_path(&release, ""), unknown).await;
    answer.refused(400, "unknown_field", Some("halt_on.after"));
    assert_eq!(world.rows().await, before);
}
