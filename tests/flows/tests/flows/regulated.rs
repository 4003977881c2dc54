//! Seed 002, typed in as it stands: a vendor makes snapshots for a regulated customer.

use slipway_signing::{Context, KeySet, verify};
use slipway_test_support::{Options, Value, World, independently, json};

use crate::shell::Shell;

/// A vendor with two releases and a customer; nothing makes snapshots but the commands typed.
async fn vendor() -> (World, Shell) {
    let world = World::with(Options {
        batch_window: jiff::SignedDuration::from_secs(300),
        ..Options::ephemeral()
    })
    .await;
    world.product("prod_xyz789").await;
    for (version, channel) in [("1.2.3", "stable"), ("1.3.0-rc.1", "beta")] {
        let artifact = world.external(version.len() as u64).await;
        world
            .post("/v1/releases", World::release_of("prod_xyz789", version, channel, &artifact))
            .await
            .expect(201);
    }
    world
        .post(
            "/v1/tenants",
            json!({ "tenant_id": "tenant_xyz789", "name": "XYZ", "products": ["prod_xyz789"] }),
        )
        .await
        .expect(201);
    let (_, token) = world.token(&["snapshots:write", "mirrors:read", "admin:write"]).await;
    let shell =
        Shell::with([("BP_BASE_URL", world.stack.base_url.clone()), ("BP_API_TOKEN", token)]);
    (world, shell)
}

/// GET as the page has it.
async fn get(shell: &Shell, path: &str) -> Value {
    shell.asks(&format!("curl -sS --fail \"${{BP_BASE_URL}}{path}\" \\\n-H \"Authorization: Bearer $BP_API_TOKEN\"")).await
}

const GENERATE: &str = r#"curl -sS --fail -X POST "${BP_BASE_URL}/v1/snapshots/generate" \
-H "Authorization: Bearer $BP_API_TOKEN" \
-H "Content-Type: application/json" \
-d '{
"tenant_id": "tenant_xyz789",
"channels": ["stable", "beta"],
"force": false
}'"#;

/// The YAML of the page as JSON.
const SCHEDULE: &str = r#"curl -sS --fail -X PUT "${BP_BASE_URL}/v1/snapshots/config" \
-H "Authorization: Bearer $BP_API_TOKEN" \
-H "Content-Type: application/json" \
-d '{"snapshots": {
"generation": {"auto_on_publish": true, "scheduled": {"enabled": true, "interval": "1h", "cron": "0 * * * *"}, "batch_window": "5m"},
"retention": {"keep_snapshots": 100, "cleanup_enabled": true, "cleanup_interval": "24h", "cleanup_older_than": "30d"}
}}'"#;

fn members(object: &Value, names: &[&str]) {
    for name in names {
        assert!(!object[name].is_null(), "{name}: {object:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_the_seed_gives_what_it_promises() {
    let (world, mut shell) = vendor().await;
    let config = get(&shell, "/v1/snapshots/config").await;
    assert_eq!(
        (&config["auto_on_publish"], &config["scheduled"]),
        (&json!(true), &json!({ "enabled": true, "interval": "1h" }))
    );

    let snapshot = shell.asks(GENERATE).await;
    assert_eq!(
        (&snapshot["tenant_id"], &snapshot["channels"]),
        (&json!("tenant_xyz789"), &json!(["beta", "stable"]))
    );
    assert_eq!((&snapshot["release_count"], &snapshot["artifact_count"]), (&json!(2), &json!(2)));
    members(&snapshot, &["snapshot_id", "created_at"]);
    shell.notes("SNAPSHOT", &snapshot["snapshot_id"]);

    let manifest = get(&shell, "/v1/snapshots/$SNAPSHOT").await;
    members(
        &manifest,
        &["snapshot_id", "tenant_id", "created_at", "channels", "releases", "signature"],
    );
    members(
        &manifest["releases"][0],
        &["release_id", "product_id", "version", "channel", "published_at", "artifacts"],
    );
    let artifact = [
        "artifact_id",
        "platform",
        "arch",
        "installer_type",
        "sha256",
        "size_bytes",
        "download_url",
    ];
    members(&manifest["releases"][0]["artifacts"][0], &artifact);
    verified(&shell, &manifest).await;

    let latest = get(&shell, "/v1/snapshots/latest?tenant_id=tenant_xyz789&channels=stable").await;
    assert_eq!(latest, manifest, "the newest one that has the channel");
    let bundle = get(&shell, "/v1/snapshots/$SNAPSHOT/bundle").await;
    assert_eq!((&bundle["manifest"], &bundle["signature"]), (&manifest, &manifest["signature"]));
    members(&bundle["artifacts"][1], &["artifact_id", "sha256", "download_url", "size_bytes"]);

    let configured = shell.asks(SCHEDULE).await;
    assert_eq!(
        (&configured["scheduled"]["cron"], &configured["retention"]["keep_snapshots"]),
        (&json!("0 * * * *"), &json!(100))
    );
    assert_eq!(get(&shell, "/v1/snapshots/config").await, configured);
    world.stack.stop().await;
}

/// Twice: with the repository's verifier, and with one that shares no code with it.
async fn verified(shell: &Shell, manifest: &Value) {
    let jwks = get(shell, "/v1/keys").await;
    let keys: KeySet = serde_json::from_value(jwks.clone()).unwrap();
    verify(Context::Snapshot, manifest, &keys, jiff::Timestamp::now()).unwrap();
    let mut forged = manifest.clone();
    forged["sequence"] = json!(2);
    independently("snapshot", manifest, &forged, &jwks).await;
}
