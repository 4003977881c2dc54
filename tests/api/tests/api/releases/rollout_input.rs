//! What a rollout may be, wherever a request has one.

use slipway_test_support::{Value, World, json, release_path};

/// Rollouts that contradict themselves or say nothing, with the member that is at fault.
fn illegal() -> Vec<(Value, &'static str, &'static str)> {
    let steps = |steps: Value| json!({ "steps": steps });
    let step =
        |basis_points: u16, after: &str| json!({ "basis_points": basis_points, "after": after });
    let many: Vec<_> = (0..21).map(|n| step(n, &format!("{n}h"))).collect();
    vec![
        (json!({}), "basis_points", "exactly one of `basis_points` and `percent`, or `steps`"),
        (json!({ "basis_points": 1, "percent": 1 }), "percent", "exactly one of"),
        (json!({ "basis_points": 10_001 }), "basis_points", "more than 10000 basis points"),
        (json!({ "basis_points": -1 }), "basis_points", "an integer from 0 to 10000"),
        (json!({ "basis_points": 0.5 }), "basis_points", "an integer"),
        (json!({ "percent": 100.01 }), "percent", "0 to 100, with two decimals at most"),
        (json!({ "percent": -1 }), "percent", "0 to 100"),
        (json!({ "percent": 12.345 }), "percent", "two decimals at most"),
        (json!({ "percent": "10" }), "percent", "a number"),
        (json!({ "basis_points": 1, "paused": "yes" }), "paused", "a boolean"),
        (steps(json!([])), "steps", "0 steps; a rollout by steps has 1 to 20"),
        (steps(json!(many)), "steps", "21 steps; a rollout by steps has 1 to 20"),
        (json!({ "steps": [step(1, "0s")], "basis_points": 1 }), "steps", "not both"),
        (json!({ "steps": [step(1, "0s")], "percent": 1 }), "steps", "not both"),
        (steps(json!([{ "after": "0s" }])), "steps[0].basis_points", "exactly one of"),
        (steps(json!([{ "basis_points": 1 }])), "steps[0].after", "needed"),
        (steps(json!([{ "percent": 1, "after": "soon" }])), "steps[0].after", "`30d`"),
        (
            steps(json!([{ "percent": 1, "basis_points": 100, "after": "0s" }])),
            "steps[0].percent",
            "exactly one of",
        ),
        (
            steps(json!([step(100, "0s"), step(100, "1h")])),
            "steps[1].basis_points",
            "100 basis points are not more than the 100 of the step before",
        ),
        (
            steps(json!([{ "percent": 50, "after": "0s" }, { "percent": 10, "after": "1h" }])),
            "steps[1].percent",
            "1000 basis points are not more than the 5000",
        ),
        (
            steps(json!([step(1, "1h"), step(2, "60m")])),
            "steps[1].after",
            "`60m` is not later than the `1h`",
        ),
    ]
}

#[tokio::test]
async fn what_contradicts_itself_is_refused_with_its_member_wherever_it_stands() {
    let world = World::start().await;
    world.product("prod_app").await;
    let beta = world.publish("prod_app", "1.0.0", "beta").await;
    let draft = world.draft("prod_app", "2.0.0").await;
    let before = world.get("/v1/releases").await.expect(200);
    for (rollout, member, told) in illegal() {
        let create = json!({ "product_id": "prod_app", "version": "3.0.0", "rollout": rollout });
        let promote = json!({ "channel": "stable", "rollout": rollout });
        let nested = format!("rollout.{member}");
        for (path, body) in [
            ("/v1/releases".to_owned(), create),
            (release_path(&beta, "/promote"), promote),
            (release_path(&draft, "/publish"), json!({ "rollout": rollout })),
        ] {
            let refused = world.post(&path, body).await;
            refused.refused(400, "invalid_field", Some(&nested));
            assert!(refused.body.to_string().contains(told), "{path}: {:#}", refused.body);
        }
        for release in [&beta, &draft] {
            let refused = world.put(&release_path(release, "/rollout"), rollout.clone()).await;
            refused.refused(400, "invalid_field", Some(member));
        }
    }
    assert_eq!(world.get("/v1/releases").await.expect(200), before);
}

#[tokio::test]
async fn a_pause_without_a_share_is_a_change_and_no_rollout_to_begin_with() {
    let world = World::start().await;
    world.product("prod_app").await;
    let release =
        json!({ "product_id": "prod_app", "version": "1.0.0", "rollout": { "paused": true } });
    let refused = world.post("/v1/releases", release).await;
    refused.refused(400, "invalid_field", Some("rollout.basis_points"));
}

#[tokio::test]
async fn a_share_is_asked_for_in_percent_and_answered_in_basis_points() {
    let world = World::start().await;
    world.product("prod_app").await;
    let mut new = World::release_of("prod_app", "1.0.0", "stable", &world.external(1).await);
    new["rollout"] = json!({ "percent": 12.5 });
    let release = world.post("/v1/releases", new).await.expect(201);
    assert_eq!(release["rollout"], json!({ "basis_points": 1250, "paused": false }));
    let changed = world.put(&release_path(&release, "/rollout"), json!({ "percent": 100 })).await;
    assert_eq!(changed.expect(200)["rollout"], json!({ "basis_points": 10_000, "paused": false }));
}
