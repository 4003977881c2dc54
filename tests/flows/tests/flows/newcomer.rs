//! The documented way, typed in as a newcomer would: `sha256sum`, plain `curl`, and a file as large
//! as installers are.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use slipway_signing::{KeySet, verify_decision};
use slipway_test_support::{Options, Value, World, file, independently, independently_bound, json};

use crate::shell::Shell;

/// Length of the installer.
const LENGTH: usize = 150 << 20;
/// What every request to write brings.
const JSON_BY_TOKEN: &str =
    r#"-H "Authorization: Bearer $BP_API_TOKEN" -H "Content-Type: application/json""#;

/// A newcomer at a shell, with an installer in the directory.
struct Newcomer {
    world: World,
    shell: Shell,
}

impl Newcomer {
    /// He has credentials, a product, a tenant and an installer.
    async fn arrives() -> Self {
        let world = World::with(Options {
            decision_cache: jiff::SignedDuration::ZERO,
            ..Options::ephemeral()
        })
        .await;
        world.product("prod_xyz789").await;
        let tenant = json!({ "tenant_id": "tenant_abc123", "name": "ABC", "products": "*" });
        world.post("/v1/tenants", tenant).await.expect(201);
        let (_, token) = world.token(&["artifacts:write", "ci:write", "releases:read"]).await;
        let shell =
            Shell::with([("BP_BASE_URL", world.stack.base_url.clone()), ("BP_API_TOKEN", token)]);
        make_installer(&shell.directory.path().join("installer.msi"));
        Self { world, shell }
    }

    async fn computes_the_hash(&mut self) {
        let printed = self.shell.types("sha256sum installer.msi").await;
        self.shell.notes("SHA256", &json!(printed.split(' ').next().unwrap()));
        self.shell.notes("SIZE", &json!(LENGTH.to_string()));
    }

    async fn initiates_an_upload(&mut self) {
        let body = r#"-d "{ \"size_bytes\": $SIZE, \"sha256\": \"$SHA256\" }""#;
        let command = format!(
            r#"curl -sS -X POST "${{BP_BASE_URL}}/v1/artifacts/uploads" {JSON_BY_TOKEN} {body}"#
        );
        let upload = self.shell.asks(&command).await;
        self.shell.notes("UPLOAD_ID", &upload["upload_id"]);
        self.shell.notes("UPLOAD_URL", &upload["upload_url"]);
    }

    async fn uploads_the_file(&self) {
        let put = r#"curl -sS --fail -X PUT "$UPLOAD_URL" --data-binary @installer.msi -H "Content-Type: application/octet-stream""#;
        assert_eq!(self.shell.types(put).await, "");
    }

    /// Says that the upload is complete, with more arguments of curl.
    async fn completes_the_upload(&self, more: &str) -> Value {
        let complete =
            r#"curl -sS --fail -X POST "${BP_BASE_URL}/v1/artifacts/uploads/$UPLOAD_ID/complete""#;
        self.shell
            .asks(&format!(r#"{complete} -H "Authorization: Bearer $BP_API_TOKEN" {more}"#))
            .await
    }

    /// Publishes the noted artifact on `stable`.
    async fn publishes(&self, version: &str, installer_type: &str) -> Value {
        let body = json!({
            "product_id": "prod_xyz789", "version": version, "channel": "stable",
            "artifacts": [{
                "artifact_id": self.shell.noted["ARTIFACT_ID"], "platform": "windows", "arch": "x86_64",
                "installer_type": installer_type, "requires_admin": true,
            }],
            "metadata": { "release_notes": "Initial release with core features", "min_os_version": "Windows 10" },
        });
        self.shell.asks(&format!(r#"curl -sS --fail -X POST "${{BP_BASE_URL}}/v1/releases" {JSON_BY_TOKEN} -d '{body}'"#)).await
    }

    /// Finds the release by channel and version.
    async fn queries(&self, version: &str) -> Value {
        let query = format!(
            "${{BP_BASE_URL}}/v1/products/prod_xyz789/releases?channel=stable&version={version}"
        );
        self.shell
            .asks(&format!(r#"curl -sS --fail "{query}" -H "Authorization: Bearer $BP_API_TOKEN""#))
            .await
    }

    /// Asks what a client with version 0.9.0 should do, and makes sure that the answer is signed.
    async fn asks_for_a_decision(&self) -> Value {
        let body = json!({ "products": [{
            "product_id": "prod_xyz789", "current_version": "0.9.0", "channel": "stable", "tenant_id": "tenant_abc123",
        }] });
        let post = r#"curl -sS --fail -X POST "${BP_BASE_URL}/v1/decision" -H "Content-Type: application/json""#;
        let body = body.to_string();
        let decision = self.shell.asks(&format!("{post} -d '{body}'")).await;
        self.verifies(&decision, body.as_bytes()).await;
        decision["decisions"][0].clone()
    }

    /// Verifies the answer to `request` twice: with the repository's verifier, and with one that
    /// shares no code with it.
    async fn verifies(&self, decision: &Value, request: &[u8]) {
        let jwks = self.shell.asks(r#"curl -sS --fail "${BP_BASE_URL}/v1/keys""#).await;
        let keys: KeySet = serde_json::from_value(jwks.clone()).unwrap();
        verify_decision(decision, Some(request), &keys, jiff::Timestamp::now()).unwrap();
        independently_bound(decision, request, b"{}", &jwks).await;
        let mut forged = decision.clone();
        forged["decisions"][0]["action"] = json!("NONE");
        independently("decision", decision, &forged, &jwks).await;
    }

    async fn leaves(self) {
        self.world.stack.stop().await;
    }
}

/// An installer that does not compress or repeat.
fn make_installer(path: &Path) {
    let mut installer = File::create(path).unwrap();
    for seed in 0..150 {
        installer.write_all(&file(seed, LENGTH / 150).0).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_artifact_becomes_a_release_and_a_signed_decision() {
    let mut newcomer = Newcomer::arrives().await;
    newcomer.computes_the_hash().await;
    let body = r#"-d "{ \"source_type\": \"EXTERNAL\", \"sha256\": \"$SHA256\", \"size_bytes\": $SIZE,
        \"external_url\": \"https://artifacts.example.com/releases/v1.0.0/installer.msi\" }""#;
    let register = format!(
        r#"curl -sS --fail -X POST "${{BP_BASE_URL}}/v1/artifacts" {JSON_BY_TOKEN} {body}"#
    );
    let artifact = newcomer.shell.asks(&register).await;
    newcomer.shell.notes("ARTIFACT_ID", &artifact["artifact_id"]);

    let release = newcomer.publishes("1.0.0", "msi").await;
    assert_eq!(release["status"], "published");
    let found = newcomer.queries("1.0.0").await;
    assert_eq!(found["releases"], json!([release]));

    let decision = newcomer.asks_for_a_decision().await;
    assert_eq!((&decision["action"], &decision["version"]), (&json!("INSTALL"), &json!("1.0.0")));
    assert_eq!(decision["release_id"], release["release_id"]);
    let offered = &decision["artifacts"][0];
    assert_eq!(offered["sha256"], newcomer.shell.noted["SHA256"]);
    assert_eq!(
        offered["download_url"],
        "https://artifacts.example.com/releases/v1.0.0/installer.msi"
    );
    newcomer.leaves().await;
}

/// Completes, as `complete` says, an upload, and takes it to where a client has the very bytes.
async fn from_upload_to_download(complete: impl AsyncFn(&Newcomer) -> Value) {
    let mut newcomer = Newcomer::arrives().await;
    newcomer.computes_the_hash().await;
    newcomer.initiates_an_upload().await;
    newcomer.uploads_the_file().await;
    let upload = complete(&newcomer).await;
    assert_eq!(upload["status"], "available");
    newcomer.shell.notes("ARTIFACT_ID", &upload["artifact_id"]);

    let release = newcomer.publishes("1.0.0", "msi").await;
    assert_eq!(newcomer.queries("1.0.0").await["releases"], json!([release]));
    let decision = newcomer.asks_for_a_decision().await;
    assert_eq!(
        (&decision["action"], &decision["release_id"]),
        (&json!("INSTALL"), &release["release_id"])
    );
    newcomer.shell.notes("DOWNLOAD_URL", &decision["artifacts"][0]["download_url"]);

    // As a client in the field: without a credential.
    let hashed = newcomer.shell.types(r#"curl -sS --fail -L "$DOWNLOAD_URL" | sha256sum"#).await;
    assert_eq!(hashed.split(' ').next(), Some(&*newcomer.shell.noted["SHA256"]));
    newcomer.shell.types(r#"curl -sS --fail -L -r 1000000-1999999 "$DOWNLOAD_URL" -o part"#).await;
    newcomer.shell.types("head -c 2000000 installer.msi | tail -c 1000000 | cmp - part").await;
    newcomer
        .shell
        .types(r#"head -c 100000000 installer.msi > rest; curl -sS --fail -L -C - "$DOWNLOAD_URL" -o rest; cmp rest installer.msi"#)
        .await;
    newcomer.leaves().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managed_artifact_is_completed_without_a_body() {
    from_upload_to_download(async |newcomer| newcomer.completes_the_upload("").await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managed_artifact_is_completed_with_its_checksum() {
    let body = r#"-H "Content-Type: application/json" -d "{ \"checksum\": \"$SHA256\" }""#;
    from_upload_to_download(async |newcomer| newcomer.completes_the_upload(body).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_managed_artifact_becomes_available_without_being_completed() {
    from_upload_to_download(async |newcomer| {
        newcomer.world.ended(&json!({ "upload_id": newcomer.shell.noted["UPLOAD_ID"] })).await
    })
    .await;
}
