//! The deployer's command, and the functions that sign with what it has made: each a process of its
//! own, as on AWS.

use jiff::Timestamp;
use serde_json::{Value, json};
use slipway_signing::{Context, KeySet, verify};
use slipway_test_support::{Kms, World};

use crate::functions::event;
use crate::invocation::{Invocation, invoke, program};

/// What `slipway-deploy` prints, and whether it succeeded; on standard output, or on standard error
/// where it failed.
async fn deploy(world: &World, kms: &Kms, arguments: &[&str]) -> Result<String, String> {
    let mut command = program(world, Some(kms), "slipway-deploy");
    let (command_name, rest) = arguments.split_first().unwrap();
    let output = command
        .args([command_name, "--table", &*world.stack.settings.table])
        .args(rest)
        .output()
        .await
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// The first word that is printed: the new key.
pub async fn create(world: &World, kms: &Kms, arguments: &[&str]) -> String {
    let arguments = [&["key-create", "--lead", "0s"], arguments].concat();
    let said = deploy(world, kms, &arguments).await.unwrap();
    said.split(' ').next().unwrap().to_owned()
}

/// What the function `op` answers to its sample event with `body`.
async fn answer(world: &World, kms: &Kms, op: &str, body: Value) -> Value {
    let mut event = event(world, op);
    event["body"] = json!(body.to_string());
    let Invocation { answer, .. } = invoke(world, Some(kms), op, event).await;
    serde_json::from_str(answer["body"].as_str().unwrap())
        .unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// How many keys there are in KMS.
async fn in_kms(kms: &Kms) -> usize {
    kms.client.list_keys().send().await.unwrap().keys().len()
}

async fn keys(world: &World) -> KeySet {
    serde_json::from_value(world.get("/v1/keys").await.expect(200)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_that_a_deployer_makes_sign_decisions_and_snapshots() {
    let world = World::start().await;
    let Some(kms) = Kms::start(&world).await else { return };
    world.product("prod_xyz789").await;
    world.release("prod_xyz789", "1.0.0").await;
    world
        .post(
            "/v1/tenants",
            json!({ "tenant_id": "tenant_abc123", "name": "ABC", "products": "*" }),
        )
        .await
        .expect(201);
    let sealing = kms.client.create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap();
    let decision_key =
        create(&world, &kms, &["--purpose", "decision", "--envelope", &sealing]).await;
    let snapshot_key = create(&world, &kms, &["--purpose", "snapshot", "--kms", "stack"]).await;

    let asked =
        json!({ "products": [{ "product_id": "prod_xyz789", "current_version": "0.1.0" }] });
    let decision = answer(&world, &kms, "decision", asked).await;
    assert_eq!(decision["key_id"], json!(decision_key), "{decision:#}");
    assert_eq!(verify(Context::Decision, &decision, &keys(&world).await, Timestamp::now()), Ok(()));

    let snapshot =
        answer(&world, &kms, "snapshot-generate", json!({ "tenant_id": "tenant_abc123" })).await;
    assert_eq!(snapshot["key_id"], json!(snapshot_key), "{snapshot:#}");
    let manifest = world.get("/v1/snapshots/latest?tenant_id=tenant_abc123").await.expect(200);
    assert_eq!(verify(Context::Snapshot, &manifest, &keys(&world).await, Timestamp::now()), Ok(()));
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_key_may_be_in_an_envelope_too_and_a_decision_key_never_in_kms() {
    let world = World::start().await;
    let Some(kms) = Kms::start(&world).await else { return };
    world
        .post(
            "/v1/tenants",
            json!({ "tenant_id": "tenant_abc123", "name": "ABC", "products": "*" }),
        )
        .await
        .expect(201);
    let sealing = kms.client.create_key().send().await.unwrap().key_metadata.unwrap().arn.unwrap();
    let key = create(&world, &kms, &["--purpose", "snapshot", "--envelope", &sealing]).await;
    assert_eq!(
        answer(&world, &kms, "snapshot-generate", json!({ "tenant_id": "tenant_abc123" })).await["key_id"],
        json!(key)
    );
    let said = deploy(&world, &kms, &["key-create", "--purpose", "decision", "--kms", "stack"])
        .await
        .unwrap_err();
    assert!(said.contains("a decision takes no call to KMS"), "{said}");
    world.stack.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_leave_clients_without_a_key_is_refused_and_says_what_would_be_right() {
    let world = World::start().await;
    let Some(kms) = Kms::start(&world).await else { return };
    let listed = deploy(&world, &kms, &["key-list"]).await.unwrap();
    let before = in_kms(&kms).await;
    let only =
        listed.lines().find(|line| line.contains(" snapshot ")).unwrap().split(' ').next().unwrap();
    for (arguments, expected) in [
        (vec!["key-revoke", only], "no other key would sign snapshots"),
        (vec!["key-revoke", "nobody"], "there is no signing key nobody"),
        (vec!["key-create", "--purpose", "snapshot"], "--envelope"),
        (
            vec!["key-create", "--purpose", "snapshot", "--kms", "stack", "--grace", "29d"],
            "grace: at least",
        ),
        (vec!["key-create", "--purpose", "snapshot", "--kms", "stack", "--lead", "soon"], "30d"),
    ] {
        let said = deploy(&world, &kms, &arguments).await.unwrap_err();
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
    assert_eq!(deploy(&world, &kms, &["key-list"]).await.unwrap(), listed);
    assert_eq!(in_kms(&kms).await, before, "a key that the ring refuses is not made");

    let successor = create(&world, &kms, &["--purpose", "snapshot", "--kms", "stack"]).await;
    deploy(&world, &kms, &["key-revoke", only]).await.unwrap();
    let listed = deploy(&world, &kms, &["key-list"]).await.unwrap();
    let line = |kid: &str| listed.lines().find(|line| line.starts_with(kid)).unwrap().to_owned();
    assert!(line(only).contains(" expired ") && line(&successor).contains(" active "), "{listed}");
    world.stack.stop().await;
}
