//! A mirror at a customer's, which fetches a snapshot by HTTPS.

use std::fs;

use serde_json::json;
use slipway_tests_deployed::Stack;
use tokio::process::Command;

use crate::bytes::{made_of, sha256, uploaded};
use crate::fixtures::{Fixtures, text};
use crate::tls_front;

#[tokio::test]
async fn a_mirror_copies_what_its_tenant_may_have() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "mirror").await;
    let bytes = made_of("mirror", 50_000);
    let artifact = uploaded(&fixtures.ci, bytes.clone()).await;
    let release = fixtures.ci.post("/v1/releases", fixtures.release("1.0.0", &artifact)).await;
    let latest = format!("/v1/snapshots/latest?tenant_id={}", fixtures.tenant);
    let id = text(&release["release_id"]);
    fixtures.mirror.eventually(&latest, |it| it.to_string().contains(id)).await;

    let origin = std::env::var("SLIPWAY_FRONT_URL").unwrap();
    let port = origin.rsplit(':').next().unwrap().parse().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let certificate = directory.path().join("ca.pem");
    fs::write(&certificate, tls_front::start(port, stack.api.base_url()).await).unwrap();
    let copy = directory.path().join("copy");
    let mut command = Command::new(std::env::var_os("SLIPWAY_COMMAND").unwrap());
    command.args(["mirror", "sync", "--origin", &origin, "--tenant", &fixtures.tenant]);
    command.arg("--directory").arg(&copy).arg("--ca-file").arg(&certificate);
    command.args(["--allow-host", "127.0.0.1"]).env("SLIPWAY_TOKEN", &fixtures.mirror_token);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(holds(&copy, &sha256(&bytes)), "{}", String::from_utf8_lossy(&output.stdout));
}

/// Whether a file below `directory` has the name `name`.
fn holds(directory: &std::path::Path, name: &str) -> bool {
    fs::read_dir(directory)
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.file_name() == name || holds(&entry.path(), name))
}

#[tokio::test]
async fn a_mirror_is_registered_and_reports() {
    let Some(stack) = Stack::find() else { return };
    let fixtures = Fixtures::make(&stack.api, "reports").await;
    let mirror = json!({ "tenant_id": fixtures.tenant, "name": "On site" });
    let mirror = stack.api.post("/v1/mirrors", mirror).await;
    let path = format!("/v1/mirrors/{}", text(&mirror["id"]));
    let report = json!({ "outcome": "failed", "error": "no space", "agent": "slipway/0.1.0" });
    fixtures.mirror.post(&format!("{path}/report"), report).await;
    stack.api.get(&format!("{path}/status")).await;
    stack.api.get("/v1/mirrors").await;
}
