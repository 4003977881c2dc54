//! Input that is wrong in form is refused at the border, with the place of the fault, and changes
//! nothing.

use slipway_test_support::{Method, TestResponse, Value, World, file, json};

use crate::assertions::send;

const JSON: &str = "application/json";

/// What every list shows.
async fn everything(world: &World) -> Vec<Value> {
    let mut lists = Vec::new();
    for path in ["/v1/products", "/v1/tenants", "/v1/tokens", "/v1/artifacts", "/v1/releases"] {
        lists.push(world.get(path).await.expect(200));
    }
    lists
}

async fn with_product() -> World {
    let world = World::start().await;
    world.product("prod_app").await;
    world
}

fn external() -> Value {
    let (_, sha256) = file(1, 64);
    json!({ "source_type": "EXTERNAL", "sha256": sha256, "size_bytes": 64, "external_url": "https://cdn.example.com/app.msi" })
}

#[tokio::test]
async fn json_of_a_wrong_type_is_not_called_malformed() {
    let world = with_product().await;
    for wrong in ["1", "true", "[]", "{}"] {
        let body = format!("{{\"name\": \"App\", \"artifact_access\": {wrong}}}");
        let answer = send(&world, Method::POST, "/v1/products", JSON, body).await;
        answer.refused(400, "invalid_field", Some("artifact_access"));
        let body = format!("{{\"mode\": {wrong}}}");
        let answer = send(&world, Method::PUT, "/v1/policy", JSON, body).await;
        answer.refused(400, "invalid_field", Some("mode"));
    }
}

#[tokio::test]
async fn malformed_json_is_refused_with_the_place_where_reading_stopped() {
    let world = with_product().await;
    let before = everything(&world).await;
    for (path, body, field) in [
        ("/v1/products", "", None),
        ("/v1/products", "{", None),
        ("/v1/products", "{\"name\": \"App\"", None),
        ("/v1/products", "{\"name\": \"App\"} trailing", None),
        ("/v1/products", "{'name': 'App'}", None),
        ("/v1/products", "{\"name\": \"App\", \"channels\": [\"a\",]}", Some("channels")),
        (
            "/v1/releases",
            "{\"product_id\": \"prod_app\", \"artifacts\": [{\"artifact_id\": }]}",
            Some("artifacts[0].artifact_id"),
        ),
        ("/v1/products", "\u{feff}\u{feff}{\"name\": \"App\"}", None),
    ] {
        let answer = send(&world, Method::POST, path, JSON, body).await;
        assert_eq!(answer.body["error"]["code"], "malformed_json", "{body}: {:#}", answer.body);
        answer.refused(400, "malformed_json", field);
    }
    let latin = TestResponse::to(
        world
            .admin(Method::POST, "/v1/products")
            .header("content-type", JSON)
            .body(b"{\"name\": \"\xfc\"}".to_vec()),
    )
    .await;
    assert_eq!((latin.status, &latin.body["error"]["code"]), (400, &json!("malformed_json")));
    assert_eq!(everything(&world).await, before);
}

#[tokio::test]
async fn unknown_fields_are_refused_by_name() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    let before = everything(&world).await;
    let mut release = World::release_of("prod_app", "1.0.0", "stable", &artifact);
    release["artifacts"][0]["sha265"] = json!("");
    for (method, path, body, field) in [
        (Method::POST, "/v1/products", json!({ "name": "App", "colour": "red" }), "colour"),
        (Method::PATCH, "/v1/products/prod_app", json!({ "slug": "new" }), "slug"),
        (Method::POST, "/v1/tenants", json!({ "name": "A", "products": "*", "x": 1 }), "x"),
        (
            Method::POST,
            "/v1/tokens",
            json!({ "name": "t", "scopes": ["ci:write"], "scope": "ci:write" }),
            "scope",
        ),
        (Method::POST, "/v1/releases", release, "artifacts[0].sha265"),
        (
            Method::POST,
            "/v1/releases",
            json!({ "product_id": "prod_app", "version": "1.0.0", "rollout": { "permille": 5 } }),
            "rollout.permille",
        ),
        (Method::POST, "/v1/artifacts/uploads", json!({ "size_bytes": 1, "md5": "" }), "md5"),
    ] {
        let answer = TestResponse::to(world.admin(method, path).json(&body)).await;
        answer.refused(400, "unknown_field", Some(field));
    }
    assert_eq!(everything(&world).await, before);
}

#[tokio::test]
async fn a_wrong_type_or_value_is_refused_by_name() {
    let world = with_product().await;
    let before = everything(&world).await;
    let draft = |version: &str, channel: &str| json!({ "product_id": "prod_app", "version": version, "channel": channel });
    for (path, body, field) in [
        ("/v1/products", json!({}), Some("name")),
        ("/v1/products", json!([]), None),
        ("/v1/products", json!("App"), None),
        ("/v1/products", json!({ "name": 7 }), Some("name")),
        ("/v1/products", json!({ "name": "" }), Some("name")),
        ("/v1/products", json!({ "name": "tab\there" }), Some("name")),
        ("/v1/products", json!({ "name": "x".repeat(129) }), Some("name")),
        ("/v1/products", json!({ "name": "App", "product_id": "app" }), Some("product_id")),
        ("/v1/products", json!({ "name": "App", "product_id": "prod_App" }), Some("product_id")),
        ("/v1/products", json!({ "name": "App", "slug": "My App" }), Some("slug")),
        ("/v1/products", json!({ "name": "App", "channels": "beta" }), Some("channels")),
        (
            "/v1/products",
            json!({ "name": "App", "channels": ["beta", "Nightly"] }),
            Some("channels[1]"),
        ),
        (
            "/v1/products",
            json!({ "name": "App", "artifact_access": "secret" }),
            Some("artifact_access"),
        ),
        (
            "/v1/products",
            json!({ "name": "App", "channels": (0..65).map(|n| format!("c{n}")).collect::<Vec<_>>() }),
            Some("channels"),
        ),
        ("/v1/releases", draft("1.0", "stable"), Some("version")),
        ("/v1/releases", draft("v1.0.0", "stable"), Some("version")),
        ("/v1/releases", draft("01.0.0", "stable"), Some("version")),
        ("/v1/releases", draft(&format!("1.0.0-{}", "a".repeat(130)), "stable"), Some("version")),
        ("/v1/releases", draft("1.0.0", "Stable"), Some("channel")),
        ("/v1/releases", draft("1.0.0", "-beta"), Some("channel")),
        ("/v1/releases", draft("1.0.0", &"a".repeat(33)), Some("channel")),
        ("/v1/releases", draft("1.0.0", ""), Some("channel")),
        ("/v1/releases", json!({ "product_id": "prod_app" }), Some("version")),
        ("/v1/releases", json!({ "product_id": 1, "version": "1.0.0" }), Some("product_id")),
    ] {
        let answer = world.post(path, body.clone()).await;
        assert_eq!(answer.body["error"]["field"].as_str(), field, "{body}: {:#}", answer.body);
        answer.refused(400, "invalid_field", field);
    }
    assert_eq!(everything(&world).await, before);
}

#[tokio::test]
async fn an_artifact_that_can_not_be_is_refused_by_name() {
    let world = World::start().await;
    let (_, sha256) = file(1, 64);
    for (member, value) in [
        ("sha256", json!(sha256[1..])),
        ("sha256", json!(format!("{sha256}0"))),
        ("sha256", json!(format!("g{}", &sha256[1..]))),
        ("sha256", json!("")),
        ("sha256", Value::Null),
        ("size_bytes", json!(0)),
        ("size_bytes", json!(-1)),
        ("size_bytes", json!(1.5)),
        ("size_bytes", json!("64")),
        ("size_bytes", json!((5_u64 << 40) + 1)),
        ("external_url", json!("http://cdn.example.com/app.msi")),
        ("external_url", json!("https://user@cdn.example.com/app.msi")),
        ("external_url", json!("https://user:secret@cdn.example.com/app.msi")),
        ("external_url", json!("https://cdn.example.com/app.msi#part")),
        ("external_url", json!("https:///app.msi")),
        ("external_url", json!("https://cdn.example.com/my app.msi")),
        ("external_url", json!("cdn.example.com/app.msi")),
        ("external_url", json!("javascript:alert(1)")),
        ("external_url", json!(format!("https://cdn.example.com/{}", "a".repeat(2048)))),
        ("external_url", json!(format!("https://cdn.example.com/{}", "{".repeat(700)))),
        ("source_type", json!("MANAGED")),
    ] {
        let mut body = external();
        body[member] = value.clone();
        let answer = world.post("/v1/artifacts", body).await;
        assert_eq!(
            answer.body["error"]["field"].as_str(),
            Some(member),
            "{value}: {:#}",
            answer.body
        );
        answer.refused(400, "invalid_field", Some(member));
    }
    for (member, value) in [
        ("size_bytes", json!(0)),
        ("size_bytes", json!(-5)),
        ("sha256", json!("abc")),
        ("filename", json!("../app.msi")),
        ("filename", json!("..")),
        ("filename", json!("")),
        ("multipart", json!("yes")),
    ] {
        let mut body = json!({ "size_bytes": 64, "sha256": sha256 });
        body[member] = value;
        world.post("/v1/artifacts/uploads", body).await.refused(400, "invalid_field", Some(member));
    }
    assert_eq!(world.get("/v1/artifacts").await.expect(200)["artifacts"], json!([]));
}

#[tokio::test]
async fn a_body_above_1_mib_is_refused_whoever_sends_it_and_one_at_it_is_read() {
    let world = with_product().await;
    let before = everything(&world).await;
    let padded = |length: usize| format!("{{\"name\": \"App\"{}}}", " ".repeat(length - 15));
    for length in [2 << 20, (1 << 20) + 1] {
        let answer = send(&world, Method::POST, "/v1/products", JSON, padded(length)).await;
        answer.refused(413, "body_too_large", None);
        let anonymous = world
            .request(Method::POST, "/v1/decision")
            .header("content-type", JSON)
            .body(padded(length));
        TestResponse::to(anonymous).await.refused(413, "body_too_large", None);
    }
    assert_eq!(everything(&world).await, before);
    send(&world, Method::POST, "/v1/products", JSON, padded(1 << 20)).await.expect(201);
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let world = with_product().await;
    let before = everything(&world).await;
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "multipart/form-data; boundary=x",
        "json",
    ] {
        let answer =
            send(&world, Method::POST, "/v1/products", media_type, "{\"name\": \"App\"}").await;
        answer.refused(415, "unsupported_media_type", Some("Content-Type"));
    }
    let untyped = world.admin(Method::POST, "/v1/products").body("{\"name\": \"App\"}");
    TestResponse::to(untyped).await.refused(415, "unsupported_media_type", Some("Content-Type"));
    assert_eq!(everything(&world).await, before);
    for media_type in
        ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]
    {
        send(&world, Method::POST, "/v1/products", media_type, "{\"name\": \"App\"}")
            .await
            .expect(201);
    }
}

#[tokio::test]
async fn nesting_ends_at_64_levels() {
    let world = with_product().await;
    // The body itself and `metadata` are two of the levels.
    let nested = |levels: usize, version: &str| {
        let (open, close) = ("[".repeat(levels - 2), "]".repeat(levels - 2));
        format!(
            "{{\"product_id\": \"prod_app\", \"version\": \"{version}\", \"metadata\": {{\"a\": {open}{close}}}}}"
        )
    };
    for levels in [65, 1_000, 100_000] {
        let answer =
            send(&world, Method::POST, "/v1/releases", JSON, nested(levels, "1.0.0")).await;
        answer.refused(400, "malformed_json", None);
    }
    let release =
        send(&world, Method::POST, "/v1/releases", JSON, nested(64, "1.0.0")).await.expect(201);
    let id = release["release_id"].as_str().unwrap();
    assert_eq!(world.get(&format!("/v1/releases/{id}")).await.expect(200), release);
}

#[tokio::test]
async fn unknown_and_wrong_query_parameters_are_refused_by_name() {
    let world = with_product().await;
    for (path, field) in [
        ("/v1/products?colour=red", "colour"),
        ("/v1/tenants?name=x", "name"),
        ("/v1/tokens?scope=x", "scope"),
        ("/v1/artifacts?sha265=00", "sha265"),
        ("/v1/releases?product=app", "product"),
        ("/v1/releases?Limit=1", "Limit"),
        ("/v1/products/prod_app/releases?chanel=beta", "chanel"),
        ("/v1/products/prod_app/releases/latest?version=1.0.0", "version"),
    ] {
        world.get(path).await.refused(400, "unknown_field", Some(field));
    }
    for (path, field) in [
        ("/v1/artifacts?sha256=abc", "sha256"),
        ("/v1/releases?product_id=app", "product_id"),
        ("/v1/releases?channel=Beta", "channel"),
        ("/v1/releases?status=live", "status"),
        ("/v1/products/prod_app/releases?version=1.0", "version"),
        ("/v1/products/prod_app/releases/latest?channel=%20", "channel"),
    ] {
        let answer = world.get(path).await;
        assert_eq!(
            answer.body["error"]["field"].as_str(),
            Some(field),
            "{path}: {:#}",
            answer.body
        );
        answer.refused(400, "invalid_field", Some(field));
    }
}

#[tokio::test]
async fn what_is_no_id_is_refused_by_name() {
    let world = World::start().await;
    for (path, field) in [
        ("/v1/products/My%20App", "product_id"),
        ("/v1/products/prod_", "product_id"),
        ("/v1/releases/prod_app", "release_id"),
        ("/v1/releases/rel_..%2F..", "release_id"),
        ("/v1/artifacts/1", "artifact_id"),
        ("/v1/artifacts/uploads/art_1", "upload_id"),
        ("/v1/tenants/acme", "tenant_id"),
    ] {
        world.get(path).await.refused(400, "invalid_field", Some(field));
    }
    world.delete("/v1/tokens/slp_1").await.refused(400, "invalid_field", Some("token_id"));
}

#[tokio::test]
async fn a_member_that_comes_twice_is_refused() {
    let world = World::start().await;
    let answer =
        send(&world, Method::POST, "/v1/products", JSON, "{\"name\": \"One\", \"name\": \"Two\"}")
            .await;
    assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!("invalid_field")));
    let answer = world.get("/v1/products?limit=1&limit=2").await;
    assert_eq!((answer.status, &answer.body["error"]["code"]), (400, &json!("invalid_field")));
    assert_eq!(world.get("/v1/products").await.expect(200)["products"], json!([]));
}
