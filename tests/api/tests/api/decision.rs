//! `POST /v1/decision`

use jiff::{SignedDuration, Timestamp};
use slipway_domain::ReleaseId;
use slipway_domain::rollout::Rollout;
use slipway_signing::{Context, KeySet, VerifyError, verify};
use slipway_test_support::{Method, Options, TestClock, TestResponse, Value, World, json};

use crate::assertions::{at, each, has_members, publish, revoke, text};

pub const OPS: &[&str] = &["decision"];

/// Decides about one installed product: `prod_app` at 1.0.0, changed by `changes`.
async fn ask(world: &World, changes: Value) -> Value {
    let mut product = json!({ "product_id": "prod_app", "current_version": "1.0.0" });
    product.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    decide(world, json!({ "products": [product] })).await["decisions"][0].clone()
}

/// As installed clients ask: without a credential.
async fn decide(world: &World, body: Value) -> Value {
    TestResponse::to(world.request(Method::POST, "/v1/decision").json(&body)).await.expect(200)
}

async fn with_product() -> World {
    let world = World::start().await;
    world.product("prod_app").await;
    world
}

#[tokio::test]
async fn an_update_is_offered_with_all_that_a_client_needs() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    let mut body = World::release_of("prod_app", "1.1.0", "stable", &artifact);
    body["metadata"] = json!({ "notes": "Faster." });
    let release = world.post("/v1/releases", body).await.expect(201);

    let answer = decide(
        &world,
        json!({ "products": [{ "product_id": "prod_app", "current_version": "1.0.0" }] }),
    )
    .await;
    has_members(&answer, &["decisions", "issued_at", "expires_at", "key_id", "signature"]);
    let decision = &answer["decisions"][0];
    has_members(
        decision,
        &[
            "product_id",
            "channel",
            "current_version",
            "action",
            "reason",
            "mode",
            "version",
            "release_id",
            "published_at",
            "metadata",
            "artifacts",
        ],
    );
    assert_eq!(
        (&decision["action"], &decision["reason"]),
        (&json!("INSTALL"), &json!("update_available"))
    );
    assert_eq!(
        (&decision["mode"], &decision["channel"]),
        (&json!("AUTO_INSTALL"), &json!("stable"))
    );
    for same in ["version", "release_id", "published_at", "metadata"] {
        assert_eq!(decision[same], release[same], "{same}");
    }
    let offered = &decision["artifacts"][0];
    has_members(
        offered,
        &[
            "artifact_id",
            "platform",
            "arch",
            "installer_type",
            "requires_admin",
            "sha256",
            "size_bytes",
            "download_url",
        ],
    );
    assert_eq!(offered["download_url"], release["artifacts"][0]["external_url"]);
    let lifetime = text(&answer, "expires_at")
        .parse::<Timestamp>()
        .unwrap()
        .duration_since(text(&answer, "issued_at").parse().unwrap());
    assert_eq!(lifetime, SignedDuration::from_mins(15));
}

#[tokio::test]
async fn the_signature_counts_with_the_published_keys_and_not_once_altered() {
    let world = with_product().await;
    // Numbers that read back as others would break the signature at the client.
    let mut body = World::release_of("prod_app", "1.1.0", "stable", &world.external(1).await);
    body["metadata"] = json!({ "notes": "schön \u{1F680}", "a": 31.245_270_191_439_438, "b": 121.487_919_511_619_45, "c": 1e21, "d": -0.0 });
    world.post("/v1/releases", body).await.expect(201);
    let keys: KeySet = serde_json::from_value(world.get("/v1/keys").await.expect(200)).unwrap();
    let check = json!({ "products": [{ "product_id": "prod_app", "current_version": "1.0.0" }], "nonce": "n-1 ü" });
    let mut answer = decide(&world, check).await;
    assert_eq!(answer["nonce"], "n-1 ü");
    assert_eq!(verify(Context::Decision, &answer, &keys, Timestamp::now()), Ok(()));
    let end = text(&answer, "expires_at").parse().unwrap();
    assert_eq!(verify(Context::Decision, &answer, &keys, end), Err(VerifyError::Expired(end)));
    answer["decisions"][0]["artifacts"][0]["download_url"] =
        json!("https://evil.example.com/app.msi");
    assert_eq!(
        verify(Context::Decision, &answer, &keys, Timestamp::now()),
        Err(VerifyError::WrongSignature)
    );
}

#[tokio::test]
async fn a_current_client_is_told_so_and_a_newer_one_is_left_alone() {
    let world = with_product().await;
    assert_eq!(ask(&world, json!({})).await["reason"], "no_release");
    world.release("prod_app", "1.0.0").await;
    for current in ["1.0.0", "1.0.0+other.build", "1.0.1-rc.1", "2.0.0"] {
        let decision = ask(&world, json!({ "current_version": current })).await;
        has_members(
            &decision,
            &["product_id", "channel", "current_version", "action", "reason", "mode"],
        );
        assert_eq!(
            (&decision["action"], &decision["reason"]),
            (&json!("NONE"), &json!("up_to_date")),
            "{current}"
        );
        assert_eq!(decision["current_version"], current);
    }
    assert_eq!(ask(&world, json!({ "current_version": "1.0.0-rc.9" })).await["version"], "1.0.0");
}

#[tokio::test]
async fn one_bad_product_does_not_spoil_the_others() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let product = |id: &str, version: &str, channel: &str| json!({ "product_id": id, "current_version": version, "channel": channel });
    let answer = decide(
        &world,
        json!({ "products": [
            product("prod_none", "1.0.0", "stable"),
            product("nonsense/../", "1.0.0", "stable"),
            product("prod_app", "one", "stable"),
            product("prod_app", "1.0.0", "No Channel"),
            product("prod_app", "1.0.0", "nightly"),
            product("prod_app", "1.0.0", "stable"),
        ] }),
    )
    .await;
    let reasons = [
        "unknown_product",
        "unknown_product",
        "invalid_version",
        "invalid_channel",
        "no_release",
        "update_available",
    ];
    assert_eq!(each(&answer["decisions"], "reason"), reasons);
    assert_eq!(
        each(&answer["decisions"], "action"),
        ["NONE", "NONE", "NONE", "NONE", "NONE", "INSTALL"]
    );
    assert_eq!(
        (&answer["decisions"][1]["product_id"], &answer["decisions"][3]["channel"]),
        (&json!("nonsense/../"), &json!("No Channel"))
    );
}

#[tokio::test]
async fn a_tenant_gets_what_it_is_entitled_to() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    for (id, products, suspended) in [
        ("tenant_all", json!("*"), false),
        ("tenant_one", json!(["prod_app"]), false),
        ("tenant_other", json!(["prod_x"]), false),
        ("tenant_nothing", json!([]), false),
        ("tenant_late", json!("*"), true),
    ] {
        let body =
            json!({ "tenant_id": id, "name": id, "products": products, "suspended": suspended });
        world.post("/v1/tenants", body).await.expect(201);
    }
    for (tenant, reason) in [
        ("tenant_all", "update_available"),
        ("tenant_one", "update_available"),
        ("tenant_other", "not_entitled"),
        ("tenant_nothing", "not_entitled"),
        ("tenant_late", "unknown_tenant"),
        ("tenant_none", "unknown_tenant"),
        ("Not a tenant", "unknown_tenant"),
    ] {
        assert_eq!(ask(&world, json!({ "tenant_id": tenant })).await["reason"], reason, "{tenant}");
    }
    // What is wrong first is said first.
    let both = ask(&world, json!({ "product_id": "prod_none", "tenant_id": "tenant_none" })).await;
    assert_eq!(both["reason"], "unknown_product");
}

#[tokio::test]
async fn artifacts_are_chosen_by_platform_and_architecture() {
    let world = with_product().await;
    let mut body = World::release_of("prod_app", "1.1.0", "stable", &world.external(1).await);
    for (seed, platform, arch, form) in [
        (2, "windows", "arm64", "msi"),
        (3, "macos", "universal", "dmg"),
        (4, "linux", "x86_64", "deb"),
    ] {
        let artifact = world.external(seed).await;
        let part = json!({ "artifact_id": artifact, "platform": platform, "arch": arch, "installer_type": form });
        body["artifacts"].as_array_mut().unwrap().push(part);
    }
    world.post("/v1/releases", body).await.expect(201);
    for (machine, expected) in [
        (json!({}), vec!["msi", "msi", "dmg", "deb"]),
        (json!({ "platform": "windows" }), vec!["msi", "msi"]),
        (json!({ "platform": "windows", "arch": "arm64" }), vec!["msi"]),
        (json!({ "platform": "macos", "arch": "arm64" }), vec!["dmg"]),
        (json!({ "platform": "macos", "arch": "x86_64" }), vec!["dmg"]),
        (json!({ "arch": "x86_64" }), vec!["msi", "dmg", "deb"]),
    ] {
        let decision = ask(&world, machine.clone()).await;
        assert_eq!(each(&decision["artifacts"], "installer_type"), expected, "{machine}");
    }
    for machine in [
        json!({ "platform": "linux", "arch": "arm64" }),
        json!({ "platform": "beos" }),
        json!({ "platform": "Windows" }),
        json!({ "platform": "windows", "arch": "sparc" }),
    ] {
        let decision = ask(&world, machine.clone()).await;
        assert_eq!(
            (&decision["action"], &decision["reason"]),
            (&json!("NONE"), &json!("no_matching_artifact")),
            "{machine}"
        );
        assert_eq!(decision.get("version"), None);
    }
}

#[tokio::test]
async fn a_machine_without_an_installer_gets_the_newest_release_that_has_one() {
    let world = with_product().await;
    let artifact = world.external(1).await;
    world
        .post("/v1/releases", World::release_of("prod_app", "1.1.0", "stable", &artifact))
        .await
        .expect(201);
    let mut newer = World::release_of("prod_app", "1.2.0", "stable", &artifact);
    newer["artifacts"][0]["platform"] = json!("macos");
    newer["artifacts"][0]["installer_type"] = json!("dmg");
    world.post("/v1/releases", newer).await.expect(201);
    assert_eq!(ask(&world, json!({ "platform": "windows" })).await["version"], "1.1.0");
    assert_eq!(ask(&world, json!({ "platform": "macos" })).await["version"], "1.2.0");
}

#[tokio::test]
async fn a_revoked_release_is_offered_to_no_one_and_the_one_before_it_is() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let bad = world.release("prod_app", "1.2.0").await;
    assert_eq!(ask(&world, json!({})).await["version"], "1.2.0");
    revoke(&world, &bad).await;
    assert_eq!(ask(&world, json!({})).await["version"], "1.1.0");
    let there = ask(&world, json!({ "current_version": "1.2.0" })).await;
    assert_eq!(
        (&there["action"], &there["reason"]),
        (&json!("NONE"), &json!("current_version_revoked"))
    );
    world.release("prod_app", "1.3.0").await;
    assert_eq!(ask(&world, json!({ "current_version": "1.2.0" })).await["version"], "1.3.0");
}

#[tokio::test]
async fn channels_are_apart() {
    let world = with_product().await;
    publish(&world, "prod_app", "1.1.0", "stable").await;
    publish(&world, "prod_app", "2.0.0-beta.1", "beta").await;
    assert_eq!(ask(&world, json!({})).await["version"], "1.1.0");
    let beta = ask(&world, json!({ "channel": "beta" })).await;
    assert_eq!((&beta["version"], &beta["channel"]), (&json!("2.0.0-beta.1"), &json!("beta")));
}

#[tokio::test]
async fn a_decision_rests_on_what_was_read_a_moment_ago_and_no_longer() {
    let test_clock = TestClock::default();
    let cached = Options {
        decision_cache: SignedDuration::from_mins(1),
        clock: test_clock.clock(),
        ..Options::ephemeral()
    };
    let world = World::with(cached).await;
    world.product("prod_app").await;
    world.release("prod_app", "1.1.0").await;
    assert_eq!(ask(&world, json!({})).await["version"], "1.1.0");
    world.release("prod_app", "1.2.0").await;
    assert_eq!(ask(&world, json!({})).await["version"], "1.1.0");
    test_clock.turn(SignedDuration::from_mins(1));
    assert_eq!(ask(&world, json!({})).await["version"], "1.2.0");
}

/// A client that a rollout of `basis_points` just admits: it does not at one point less.
fn at_the_boundary(release: &Value, basis_points: u16) -> String {
    let id: ReleaseId = text(release, "release_id").parse().unwrap();
    let admits = |basis_points, client: &str| {
        Rollout { basis_points, paused: false }.admits(&id, Some(client))
    };
    let clients = (0..).map(|n| format!("client-{n}"));
    clients
        .into_iter()
        .find(|client| admits(basis_points, client) && !admits(basis_points - 1, client))
        .unwrap()
}

#[tokio::test]
async fn a_rollout_reaches_a_client_at_its_place_and_not_one_point_before() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let staged = world.release("prod_app", "1.2.0").await;
    let client = at_the_boundary(&staged, 2_500);
    let offered = async |basis_points: u16, client: Option<&str>| {
        world
            .put(&at(&staged, "/rollout"), json!({ "basis_points": basis_points }))
            .await
            .expect(200);
        ask(&world, client.map_or(json!({}), |client| json!({ "client_id": client }))).await["version"].clone()
    };
    // Who is held back gets the newest release that everyone gets.
    assert_eq!(offered(2_499, Some(&client)).await, "1.1.0");
    for reached in [2_500, 2_501, 9_999, 10_000] {
        assert_eq!(offered(reached, Some(&client)).await, "1.2.0", "{reached}");
    }
    assert_eq!(offered(9_999, None).await, "1.1.0");
    assert_eq!(offered(10_000, None).await, "1.2.0");
    assert_eq!(offered(0, Some(&client)).await, "1.1.0");
}

#[tokio::test]
async fn a_client_without_an_id_and_nothing_older_is_held_back() {
    let world = with_product().await;
    let staged = world.release("prod_app", "1.2.0").await;
    world.put(&at(&staged, "/rollout"), json!({ "basis_points": 9_999 })).await.expect(200);
    let decision = ask(&world, json!({})).await;
    assert_eq!((&decision["action"], &decision["reason"]), (&json!("NONE"), &json!("held_back")));
}

#[tokio::test]
async fn a_paused_release_is_offered_to_no_one_until_it_goes_on() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let staged = world.release("prod_app", "1.2.0").await;
    for (paused, expected) in [(true, "1.1.0"), (false, "1.2.0")] {
        world
            .put(&at(&staged, "/rollout"), json!({ "basis_points": 10_000, "paused": paused }))
            .await
            .expect(200);
        assert_eq!(ask(&world, json!({ "client_id": "c" })).await["version"], expected);
    }
}

#[tokio::test]
async fn fields_that_the_server_does_not_know_are_ignored() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let body = json!({
        "products": [{ "product_id": "prod_app", "current_version": "1.0.0", "locale": "de" }], "sdk": { "version": 9 },
    });
    assert_eq!(decide(&world, body).await["decisions"][0]["version"], "1.1.0");
}

#[tokio::test]
async fn a_hundred_products_are_answered_and_one_more_or_none_refused() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let of = |count: usize| json!({ "products": vec![json!({ "product_id": "prod_app", "current_version": "1.0.0" }); count] });
    assert_eq!(decide(&world, of(100)).await["decisions"].as_array().unwrap().len(), 100);
    for count in [0, 101] {
        world.post("/v1/decision", of(count)).await.refused(400, "invalid_field", Some("products"));
    }
    let distinct: Vec<_> = (0..100)
        .map(|n| json!({ "product_id": format!("prod_{n}"), "current_version": "1.0.0" }))
        .collect();
    let answer = decide(&world, json!({ "products": distinct })).await;
    assert!(each(&answer["decisions"], "reason").iter().all(|reason| *reason == "unknown_product"));
}

#[tokio::test]
async fn what_is_no_question_is_refused() {
    let world = with_product().await;
    let product = json!({ "product_id": "prod_app", "current_version": "1.0.0" });
    for (body, field) in [
        (json!({}), "products"),
        (json!({ "products": [{ "product_id": "prod_app" }] }), "products[0].current_version"),
        (
            json!({ "products": [product, { "product_id": 7, "current_version": "1.0.0" }] }),
            "products[1].product_id",
        ),
        (json!({ "products": [product], "nonce": "x".repeat(129) }), "nonce"),
        (json!({ "products": product }), "products"),
    ] {
        world.post("/v1/decision", body).await.refused(400, "invalid_field", Some(field));
    }
    let nonce = "ü".repeat(128);
    assert_eq!(
        decide(&world, json!({ "products": [product], "nonce": nonce })).await["nonce"],
        nonce
    );
}

#[tokio::test]
async fn a_managed_artifact_is_downloaded_through_slipway() {
    let world = with_product().await;
    let (bytes, sha256) = slipway_test_support::file(1, 64);
    let upload = world
        .post("/v1/artifacts/uploads", json!({ "size_bytes": 64, "sha256": sha256 }))
        .await
        .expect(201);
    world.http().put(text(&upload, "upload_url")).body(bytes).send().await.unwrap();
    let done = world
        .post(&format!("/v1/artifacts/uploads/{}/complete", text(&upload, "upload_id")), json!({}))
        .await
        .expect(200);
    let artifact = text(&done, "artifact_id");
    world
        .post("/v1/releases", World::release_of("prod_app", "1.1.0", "stable", artifact))
        .await
        .expect(201);
    let decision = ask(&world, json!({})).await;
    let url = format!("{}/v1/artifacts/{artifact}/download", world.stack.base_url);
    assert_eq!(decision["artifacts"][0]["download_url"], json!(url));
}
