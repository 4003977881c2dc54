//! `POST /v1/releases`: how clients come to the release

use slipway_test_support::{Value, World, json, release_path};

/// A world with a product, and the request for its release 2.0.0 with `members` besides.
async fn with_request(members: Value) -> (World, Value) {
    let world = World::start().await;
    world.product("prod_app").await;
    let mut body = World::release_of("prod_app", "2.0.0", "stable", &world.external(1).await);
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    (world, body)
}

#[tokio::test]
async fn a_release_says_whether_it_is_required_and_what_must_be_installed_before() {
    let path = json!({ "required": true, "min_current_version": "1.4.0" });
    let (world, body) = with_request(path.clone()).await;
    let release = world.post("/v1/releases", body.clone()).await.expect(201);
    for member in ["required", "min_current_version"] {
        assert_eq!(release[member], path[member]);
    }
    assert_eq!(world.get(&release_path(&release, "")).await.expect(200), release);
    let listed = world.get("/v1/releases?product_id=prod_app").await.expect(200);
    assert_eq!(listed["releases"], json!([release]));
    assert_eq!(world.post("/v1/releases", body).await.expect(200), release);
}

#[tokio::test]
async fn a_release_that_says_nothing_is_not_required_and_follows_any_version() {
    let (world, body) = with_request(json!({ "min_current_version": "0.0.0-0" })).await;
    let release = world.post("/v1/releases", body).await.expect(201);
    assert_eq!(
        (&release["required"], &release["min_current_version"]),
        (&json!(false), &Value::Null)
    );
}

#[tokio::test]
async fn a_minimum_that_is_not_below_the_release_is_refused_nobody_could_come_to_it() {
    let (world, mut body) = with_request(json!({})).await;
    for illegal in ["2.0.0", "2.0.0+build", "2.0.1", "2.0.1-rc.1", "3.0.0", "2.0", ""] {
        body["min_current_version"] = json!(illegal);
        let refused = world.post("/v1/releases", body.clone()).await;
        refused.refused(400, "invalid_field", Some("min_current_version"));
    }
    body["required"] = json!("yes");
    let refused = world.post("/v1/releases", body.clone()).await;
    assert_eq!(refused.status, 400, "{:#}", refused.body);
    assert_eq!(world.get("/v1/releases").await.expect(200)["releases"], json!([]));
    body["required"] = json!(false);
    body["min_current_version"] = json!("2.0.0-rc.1");
    let release = world.post("/v1/releases", body).await.expect(201);
    assert_eq!(release["min_current_version"], "2.0.0-rc.1");
}

#[tokio::test]
async fn the_upgrade_path_counts_as_content_and_a_draft_s_job_need_not_know_it() {
    let (world, mut body) = with_request(json!({ "required": true })).await;
    let release = world.post("/v1/releases", body.clone()).await.expect(201);
    body["required"] = json!(false);
    body["min_current_version"] = json!("1.0.0");
    let refused = world.post("/v1/releases", body).await;
    refused.refused(409, "release_exists", Some("version"));
    let differences = &refused.body["error"]["details"]["differences"];
    assert_eq!(differences["required"], json!({ "requested": false, "existing": true }));
    assert_eq!(
        differences["min_current_version"],
        json!({ "requested": "1.0.0", "existing": null })
    );
    let job = json!({ "product_id": "prod_app", "version": "2.0.0" });
    assert_eq!(world.post("/v1/releases", job).await.expect(200), release);
}
