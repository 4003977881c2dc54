//! Entity tags: reading what has not changed costs nothing, and nobody overwrites what was not
//! seen.

use slipway_edge::Route;
use slipway_test_support::{
    EventDelivery, Method, Options, SampleRequest, TestResponse, Value, World, json, release_path,
    text, trusts_silent_issuer,
};

/// A stack with one of everything, and the paths of all GET operations there.
async fn with_everything() -> (World, Vec<String>) {
    // No job adds an event to the audit log between two requests.
    let (events, trusted_issuers) = (EventDelivery::Disabled, trusts_silent_issuer());
    let webhooks = slipway_edge::services::webhooks(vec!["*".to_owned()]);
    let options = Options { events, trusted_issuers, webhooks, ..Options::ephemeral() };
    let world = World::with(options).await;
    world.product("prod_app").await;
    world.tenant("tenant_acme", json!("*")).await;
    let release = world.release("prod_app", "1.0.0").await;
    let (_, sha256) = slipway_test_support::file(1, 64);
    let upload = world
        .post("/v1/artifacts/uploads", json!({ "size_bytes": 64, "sha256": sha256 }))
        .await
        .expect(201);
    let snapshot = world
        .post("/v1/snapshots/generate", json!({ "tenant_id": "tenant_acme" }))
        .await
        .expect(201);
    let mirror = world
        .post("/v1/mirrors", json!({ "tenant_id": "tenant_acme", "name": "Berlin" }))
        .await
        .expect(201);
    for level in crate::policies::LEVELS {
        world.put(level.path, json!({ "mode": "NOTIFY_ONLY" })).await.expect(200);
    }
    let approval = waiting(&world, &release).await;
    let rule = world.trust_rule().await;
    let webhook = world.webhook("https://hooks.example.com/in", json!({})).await;
    let integration = crate::integrations::integration(&world, "hub").await;
    let [component, bundle, environment, promotion] = crate::promotions::open(&world).await;
    let paths = slipway_registry::operations().into_iter().map(|operation| operation.route());
    let paths = paths
        .filter(|route| route.verb.as_str() == "GET" && route.op != "artifact-download")
        .map(|route| {
            let path = route
                .path
                .replace("{product_id}", "prod_app")
                .replace("{tenant_id}", "tenant_acme");
            let path = path
                .replace("{release_id}", text(&release, "release_id"))
                .replace("{upload_id}", text(&upload, "upload_id"));
            let path = path.replace("{artifact_id}", text(&release["artifacts"][0], "artifact_id"));
            let path = path.replace("/snapshots/latest", "/snapshots/latest?tenant_id=tenant_acme");
            let path = path
                .replace("{snapshot_id}", text(&snapshot, "snapshot_id"))
                .replace("{trust_rule_id}", text(&rule, "trust_rule_id"))
                .replace("{approval_id}", text(&approval, "approval_id"))
                .replace("{webhook_id}", text(&webhook, "webhook_id"))
                .replace("{mirror_id}", text(&mirror, "id"))
                .replace("{otherId}", text(&bundle, "id"));
            let path = with_id(&path, "components", &component);
            let path = with_id(&path, "environments", &environment);
            let path = with_id(&path, "promotions", &promotion);
            let path = path.replace("/api/v1/releases/{id}", &crate::bundles::path(&bundle));
            with_id(&path, "integrations", &integration)
        });
    let paths = paths.collect();
    (world, paths)
}

/// `path` with the id of `entity`, if it is a path of one of `collection` of `/api/v1`.
fn with_id(path: &str, collection: &str, entity: &Value) -> String {
    let of_one = format!("/{collection}/{}", text(entity, "id"));
    path.replace(&format!("/{collection}/{{id}}"), &of_one)
}

/// A publication of the artifact of `release` that waits for sign-off.
async fn waiting(world: &World, release: &Value) -> Value {
    let gated = json!({
        "product_id": "prod_gated", "name": "Gated",
        "channel_sign_off": { "stable": { "required_approvals": 1 } },
    });
    world.post("/v1/products", gated).await.expect(201);
    let artifact = text(&release["artifacts"][0], "artifact_id");
    let waiting = World::release_of("prod_gated", "1.0.0", "stable", artifact);
    world.post("/v1/releases", waiting).await.expect(202)
}

async fn get_if_none_match(world: &World, path: &str, tag: &str) -> TestResponse {
    TestResponse::to(world.admin(Method::GET, path).header("if-none-match", tag)).await
}

#[tokio::test]
async fn every_get_has_a_strong_tag_and_304_for_whoever_has_it() {
    let (world, paths) = with_everything().await;
    for path in paths {
        let first = world.get(&path).await;
        assert_eq!(first.status, 200, "{path}: {:#}", first.body);
        let tag = first.header("etag").unwrap().to_owned();
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 2, "{path}: {tag}");
        assert!(
            first
                .header("cache-control")
                .is_some_and(|value| value == "no-cache" || value.contains("immutable")),
            "{path}"
        );
        for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()]
        {
            let again = get_if_none_match(&world, &path, &known).await;
            assert_eq!((again.status, &again.body), (304, &Value::Null), "{path} {known}");
            assert_eq!(
                (again.header("etag"), again.header("cache-control")),
                (Some(tag.as_str()), first.header("cache-control")),
                "{path}"
            );
        }
        assert_eq!(
            get_if_none_match(&world, &path, "\"other\"").await.expect(200),
            first.body,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_tag_changes_with_the_thing() {
    let world = World::start().await;
    world.product("prod_app").await;
    for path in ["/v1/products/prod_app", "/v1/products"] {
        let tag = world.get(path).await.header("etag").unwrap().to_owned();
        world.patch("/v1/products/prod_app", json!({ "name": path })).await.expect(200);
        assert_eq!(get_if_none_match(&world, path, &tag).await.status, 200);
    }
}

/// Changes a thing three times: under a wrong tag, under the right one, and under the one that was
/// right before.
async fn changes_under_its_tag_alone(
    world: &World,
    place: &str,
    method: Method,
    path: &str,
    bodies: [Value; 2],
) {
    let tag = world.get(place).await.header("etag").unwrap().to_owned();
    let send = async |tag: &str, body: &Value| {
        TestResponse::to(world.admin(method.clone(), path).header("if-match", tag).json(body)).await
    };
    let before = world.get(place).await.expect(200);
    for wrong in ["\"other\"", "nonsense", ""] {
        send(wrong, &bodies[0]).await.refused(412, "precondition_failed", Some("If-Match"));
    }
    assert_eq!(world.get(place).await.expect(200), before);
    send(&format!("\"other\", {tag}"), &bodies[0]).await.expect(200);
    send(&tag, &bodies[1]).await.refused(412, "precondition_failed", Some("If-Match"));
    send("*", &bodies[1]).await.expect(200);
}

#[tokio::test]
async fn products_tenants_and_rollouts_change_under_their_tags_alone() {
    let (world, _) = with_everything().await;
    let names = [json!({ "name": "One" }), json!({ "name": "Two" })];
    changes_under_its_tag_alone(
        &world,
        "/v1/products/prod_app",
        Method::PATCH,
        "/v1/products/prod_app",
        names.clone(),
    )
    .await;
    changes_under_its_tag_alone(
        &world,
        "/v1/tenants/tenant_acme",
        Method::PATCH,
        "/v1/tenants/tenant_acme",
        names,
    )
    .await;
    let release = world.get("/v1/products/prod_app/releases/latest").await.expect(200);
    let shares = [json!({ "basis_points": 1 }), json!({ "basis_points": 2 })];
    changes_under_its_tag_alone(
        &world,
        &release_path(&release, ""),
        Method::PUT,
        &release_path(&release, "/rollout"),
        shares,
    )
    .await;
}

#[tokio::test]
async fn a_draft_is_deleted_under_its_tag_alone() {
    let world = World::start().await;
    world.product("prod_app").await;
    let draft = world.draft("prod_app", "1.0.0").await;
    let place = release_path(&draft, "");
    let old = world.get(&place).await.header("etag").unwrap().to_owned();
    world.put(&release_path(&draft, "/rollout"), json!({ "basis_points": 5 })).await.expect(200);
    let delete = async |tag: &str| {
        TestResponse::to(world.admin(Method::DELETE, &place).header("if-match", tag)).await
    };
    delete(&old).await.refused(412, "precondition_failed", Some("If-Match"));
    let new = world.get(&place).await.header("etag").unwrap().to_owned();
    delete(&new).await.expect(204);
}

/// Sends `body` to what is asked of a release, under the tag that it had before its notes changed,
/// and then under the one that it has.
async fn is_asked_under_its_tag_alone(world: &World, release: &Value, rest: &str, body: Value) {
    let place = release_path(release, "");
    let tag = async || world.get(&place).await.header("etag").unwrap().to_owned();
    let old = tag().await;
    world.patch(&place, json!({ "metadata": { "release_notes": rest } })).await.expect(200);
    let before = world.get("/v1/releases").await.expect(200);
    let ask = async |tag: &str| {
        let request = world.admin(Method::POST, &release_path(release, rest));
        TestResponse::to(request.header("if-match", tag).json(&body)).await
    };
    for wrong in [old.as_str(), "\"other\"", "nonsense"] {
        ask(wrong).await.refused(412, "precondition_failed", Some("If-Match"));
    }
    assert_eq!(world.get("/v1/releases").await.expect(200), before, "{rest}");
    let right = tag().await;
    let answer = ask(&right).await;
    assert!(answer.status < 300, "{rest}: {:#}", answer.body);
}

#[tokio::test]
async fn a_release_is_published_promoted_and_revoked_under_its_tag_alone() {
    let world = World::start().await;
    world.product("prod_app").await;
    let mut draft = World::release_of("prod_app", "2.0.0", "stable", &world.external(1).await);
    draft["draft"] = json!(true);
    let draft = world.post("/v1/releases", draft).await.expect(201);
    is_asked_under_its_tag_alone(&world, &draft, "/publish", json!({})).await;
    let live = world.release("prod_app", "1.0.0").await;
    let to = json!({ "channel": "beta" });
    is_asked_under_its_tag_alone(&world, &live, "/promote", to).await;
    let everywhere = json!({ "reason": "it crashes", "all_channels": true });
    is_asked_under_its_tag_alone(&world, &live, "/revoke", everywhere).await;
    let other = world.release("prod_app", "3.0.0").await;
    let reason = json!({ "reason": "it crashes" });
    is_asked_under_its_tag_alone(&world, &other, "/revoke", reason).await;
}

#[tokio::test]
async fn a_repetition_is_asked_under_the_tag_too() {
    let world = World::start().await;
    world.product("prod_app").await;
    let live = world.release("prod_app", "1.0.0").await;
    let to = json!({ "channel": "beta" });
    let path = release_path(&live, "/promote");
    world.post(&path, to.clone()).await.expect(201);
    let ask = async |tag: &str| {
        let request = world.admin(Method::POST, &path).header("if-match", tag).json(&to);
        TestResponse::to(request).await
    };
    ask("\"other\"").await.refused(412, "precondition_failed", Some("If-Match"));
    ask("*").await.expect(200);
}

#[tokio::test]
async fn an_upload_that_has_changed_is_not_aborted() {
    let world = World::start().await;
    let (_, sha256) = slipway_test_support::file(1, 64);
    let upload = world
        .post("/v1/artifacts/uploads", json!({ "size_bytes": 64, "sha256": sha256 }))
        .await
        .expect(201);
    let path = format!("/v1/artifacts/uploads/{}", text(&upload, "upload_id"));
    let tag = world.get(&path).await.header("etag").unwrap().to_owned();
    let abort = async |tag: &str| {
        TestResponse::to(world.admin(Method::DELETE, &path).header("if-match", tag)).await
    };
    abort("\"other\"").await.refused(412, "precondition_failed", Some("If-Match"));
    assert_eq!(text(&world.get(&path).await.expect(200), "status"), "pending");
    assert_eq!(abort(&tag).await.status, 204);
}

/// Every operation, with what openapi.json says of it.
fn documented() -> Vec<(Route, Value)> {
    let document: Value =
        serde_json::from_str(include_str!("../../../../../docs/openapi.json")).unwrap();
    let routes = slipway_registry::operations().into_iter().map(|operation| operation.route());
    let described =
        |route: Route| document["paths"][route.path][route.verb.as_str().to_lowercase()].clone();
    routes.map(|route| (route, described(route))).collect()
}

/// Whether an operation takes a header.
fn takes(operation: &Value, header: &str) -> bool {
    operation["parameters"].as_array().unwrap().iter().any(|one| one["name"] == header)
}

/// What every GET does, `every_get_has_a_strong_tag_and_304_for_whoever_has_it` shows.
#[test]
fn the_document_says_who_answers_and_takes_entity_tags() {
    for (route, operation) in documented() {
        let is_get = route.verb.as_str() == "GET" && route.op != "artifact-download";
        let told = operation["responses"]["200"]["headers"]["ETag"].is_object();
        assert_eq!(told, is_get, "{}", route.op);
        assert_eq!(operation["responses"]["304"].is_object(), is_get, "{}", route.op);
        assert_eq!(takes(&operation, "If-None-Match"), is_get, "{}", route.op);
        assert_eq!(takes(&operation, "If-Match"), route.conditional, "{}", route.op);
    }
}

#[tokio::test]
async fn every_operation_that_says_it_takes_if_match_is_refused_under_another_tag() {
    let world = World::start().await;
    world.product("prod_app").await;
    world.tenant("tenant_acme", json!("*")).await;
    let live = world.publish("prod_app", "1.0.0", "beta").await;
    let draft = world.draft("prod_app", "2.0.0").await;
    let upload = json!({ "size_bytes": 1, "sha256": "ab".repeat(32) });
    let upload = world.post("/v1/artifacts/uploads", upload).await.expect(201);
    for level in crate::policies::LEVELS {
        world.put(level.path, json!({ "mode": "NOTIFY_ONLY" })).await.expect(200);
    }
    let environment = crate::environments::environment(&world, "dev", 1).await;
    let integration = crate::integrations::integration(&world, "hub").await;
    let component = crate::bundles::versioned(&world, "api").await;
    let bundle = crate::bundles::bundle(&world, "a", &component, "2.0.0").await;
    let mut asked = 0;
    for (route, _) in documented().into_iter().filter(|(route, _)| route.conditional) {
        let is_of_drafts = matches!(route.op, "release-publish" | "release-delete");
        let release = if is_of_drafts { &draft } else { &live };
        let request = SampleRequest::of(route.op).with_ids(|prefix| match prefix {
            "prod" => Some("prod_app".to_owned()),
            "tenant" => Some("tenant_acme".to_owned()),
            "rel" => Some(text(release, "release_id").to_owned()),
            "upl" => Some(text(&upload, "upload_id").to_owned()),
            "env" => Some(text(&environment, "id").to_owned()),
            "int" => Some(text(&integration, "id").to_owned()),
            "cmp" => Some(text(&component, "id").to_owned()),
            "bdl" => Some(text(&bundle, "id").to_owned()),
            _ => None,
        });
        let request = request.request(&world, &world.stack.admin_token);
        let answer = TestResponse::to(request.header("if-match", "\"other\"")).await;
        assert_eq!(answer.status, 412, "{}: {:#}", route.op, answer.body);
        asked += 1;
    }
    assert_eq!(asked, 26);
}
