//! `POST /v1/decision`

use jiff::{SignedDuration, Timestamp};
use slipway_signing::{Context, KeySet, VerifyError, verify};
use slipway_test_support::{Options, TestClock, World, json, text};

use super::{ask, decide, with_product};
use crate::assertions::{each, has_members};

/// What a decision has that offers a release.
const DECISION: &[&str] = &[
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
];

/// What an offered artifact has.
const OFFERED_ARTIFACT: &[&str] = &[
    "artifact_id",
    "platform",
    "arch",
    "installer_type",
    "requires_admin",
    "sha256",
    "size_bytes",
    "download_url",
];

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
    has_members(
        &answer,
        &["decisions", "request_sha256", "issued_at", "expires_at", "key_id", "signature"],
    );
    let decision = &answer["decisions"][0];
    has_members(decision, DECISION);
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
    has_members(offered, OFFERED_ARTIFACT);
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
    body["metadata"] = json!({ "notes": "schön \u{1F680}", "a": 31.245_270_191_439_438, "b": 121.487_919_511_619_45, "c": 1e-21, "d": 0.0, "e": 9_007_199_254_740_991_i64 });
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
async fn a_revoked_release_is_offered_to_no_one_and_the_one_before_it_is() {
    let world = with_product().await;
    world.release("prod_app", "1.1.0").await;
    let bad = world.release("prod_app", "1.2.0").await;
    assert_eq!(ask(&world, json!({})).await["version"], "1.2.0");
    world.revoke(&bad).await;
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
    world.publish("prod_app", "1.1.0", "stable").await;
    world.publish("prod_app", "2.0.0-beta.1", "beta").await;
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
    test_clock.advance(SignedDuration::from_mins(1));
    assert_eq!(ask(&world, json!({})).await["version"], "1.2.0");
}
