//! Signing keys of the local stack: made and rotated by the deployer's command, as on AWS.

use std::path::Path;

use serde_json::json;
use slipway_test_support::World;

use crate::functions::event;
use crate::invocation::{invoke, program};

/// What `slipway-deploy` prints.
async fn deploy(world: &World, arguments: &[&str]) -> String {
    let (name, rest) = arguments.split_first().unwrap();
    let mut command = program(world, None, "slipway-deploy");
    let command = command.args([name, "--table", &*world.stack.settings.table]).args(rest);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The key that signs what a function of `world` decides.
async fn signer(world: &World) -> String {
    let mut event = event(world, "decision");
    event["body"] =
        json!(r#"{"products":[{"product_id":"prod_xyz789","current_version":"0.1.0"}]}"#);
    let answer = invoke(world, None, "decision", event).await.answer;
    let body: serde_json::Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    body["key_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_the_local_stack_is_rotated_and_revoked() {
    let world = World::start().await;
    let keys = world.stack.settings.key_directory.clone().unwrap();
    let first = signer(&world).await;

    let create = ["key-create", "--purpose", "decision", "--lead", "0s", "--file"];
    let said = deploy(&world, &[&create[..], &[keys.to_str().unwrap()]].concat()).await;
    let second = said.split(' ').next().unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(signer(&world).await, second);
    assert_is_private(&keys.join(format!("{second}.seed")));

    deploy(&world, &["key-revoke", &first]).await;
    let listed = deploy(&world, &["key-list"]).await;
    let line = |kid: &str| listed.lines().find(|line| line.starts_with(kid)).unwrap();
    assert!(line(&first).contains(" expired "), "{listed}");
    assert!(line(&second).contains(" active ") && line(&second).contains("in the file"));
    world.stack.stop().await;
}

/// Makes sure that only its owner may read `file`.
fn assert_is_private(file: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
    assert!(file.is_file());
}
