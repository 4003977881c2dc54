//! The values of the events: one catalog that all of them speak of.

use serde_json::{Value, json};

/// The bearer token. The right form, and nobody's.
pub const TOKEN: &str = "slp_EXAMPLE";
/// An upload.
pub const UPLOAD: &str = "upl_0199c2f0a1b27c3d8e4f5a6b7c8d9e11";
/// An artifact.
pub const ARTIFACT: &str = "art_0199c2f0a1b27c3d8e4f5a6b7c8d9e10";
/// A product.
pub const PRODUCT: &str = "prod_xyz789";
/// Id of the release in the events.
pub const RELEASE: &str = "rel_0199c2f0a1b27c3d8e4f5a6b7c8d9e12";
/// A tenant.
pub const TENANT: &str = "tenant_abc123";
/// A trust rule.
const TRUST_RULE: &str = "trust_0199c2f0a1b27c3d8e4f5a6b7c8d9e18";
/// A snapshot.
const SNAPSHOT: &str = "snapshot_0199c2f0a1b27c3d8e4f5a6b7c8d9e14";
/// A component of release bundles.
const COMPONENT: &str = "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e20";
/// The digest of the artifact.
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// The body of a request to `op`, where the members that have to be there make none that anybody
/// would send.
pub fn body(op: &str) -> Option<Value> {
    Some(match op {
        "release-create" => {
            json!({ "product_id": PRODUCT, "version": "1.4.0", "channel": "stable", "artifacts": [ARTIFACT] })
        }
        "product-update" => json!({ "description": "What our customers run." }),
        "snapshot-generate" => {
            json!({ "tenant_id": TENANT, "channels": ["stable", "beta"], "force": false })
        }
        "snapshot-config-put" => {
            json!({ "auto_on_publish": true, "scheduled": { "enabled": true, "interval": "1h" } })
        }
        op if op.ends_with("policy-put") => {
            json!({ "mode": "DOWNLOAD_ONLY", "pinned_range": ">=1.0.0, <2.0.0", "blocked_versions": ["1.3.1"] })
        }
        "mirror-report" => {
            json!({ "outcome": "synced", "snapshot_id": SNAPSHOT, "sequence": 7, "agent": "slipway/0.1.0" })
        }
        "trust-create" => json!({
            "name": "Desktop Client",
            "issuer": "https://token.actions.githubusercontent.com",
            "audience": "https://slipway.example",
            "conditions": { "repository": "acme/desktop-client", "ref": "refs/heads/main" },
            "scopes": ["ci:write", "artifacts:write"],
            "product_ids": [PRODUCT],
        }),
        "token-exchange" => {
            json!({ "trust_rule_id": TRUST_RULE, "token": "EXAMPLE.EXAMPLE.EXAMPLE" })
        }
        "release-artifact-presign" => {
            json!({ "filename": "linux.tar.gz", "platform": "linux-x86_64" })
        }
        "integration-create" | "integration-update" => json!({
            "name": "docker-hub",
            "type": "registry.oci",
            "endpoint": "https://registry-1.docker.io",
            "auth": { "mode": "none" },
        }),
        "environment-create" => {
            json!({ "name": "production", "displayName": "Production", "orderIndex": 3, "isProduction": true })
        }
        "environment-update" => json!({ "requiredApprovals": 1 }),
        "tenant-update" => json!({ "suspended": true }),
        _ => return component_body(op),
    })
}

/// The body of an operation of components and version maps.
fn component_body(op: &str) -> Option<Value> {
    Some(match op {
        "component-create" => json!({
            "name": "api",
            "displayName": "API Service",
            "imageRepository": "myorg/api",
            "registryIntegrationId": "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e25",
            "versioningStrategy": "semver",
            "defaultChannel": "stable",
        }),
        "component-update" => json!({ "displayName": "API" }),
        "component-sync-versions" => json!({ "forceRefresh": true }),
        "version-map-create" => json!({
            "componentId": "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e20",
            "tag": "v2.3.1",
            "semver": "2.3.1",
            "channel": "stable",
        }),
        "bundle-create" => json!({
            "name": "myapp-v2.3.1",
            "displayName": "My App 2.3.1",
            "components": [{ "componentId": COMPONENT, "version": "2.3.1" }],
        }),
        "bundle-create-from-latest" => {
            json!({ "name": "myapp-latest", "channel": "stable", "componentIds": [COMPONENT] })
        }
        "bundle-update" => {
            json!({ "displayName": "Updated Display Name", "metadata": { "key": "value" } })
        }
        "promotion-create" => json!({
            "releaseId": "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e22",
            "targetEnvironmentId": "0199c2f0-a1b2-7c3d-8e4f-5a6b7c8d9e23",
            "reason": "The weekly release.",
        }),
        "promotion-complete" => json!({ "status": "deployed" }),
        _ => return None,
    })
}

/// The value of the member `name` of a body, if its name says what it has to be.
pub fn member(name: &str) -> Option<Value> {
    Some(match name {
        "name" => json!("Desktop Client"),
        "product_id" => json!(PRODUCT),
        "version" | "current_version" => json!("1.4.0"),
        "stream" => json!("0123456789abcdef0123456789abcdef"),
        "channel" => json!("stable"),
        "platform" => json!("windows"),
        "arch" => json!("x64"),
        "filename" => json!("desktop-client-1.4.0.msi"),
        "sha256" | "checksum" | "change_sha256" => json!(DIGEST),
        "size_bytes" => json!(157_286_400),
        "basis_points" => json!(1_000),
        "url" | "external_url" | "download_url" => {
            json!("https://downloads.example.com/desktop-client-1.4.0.msi")
        }
        "reason" => json!("The updater does not start on Windows 10."),
        "scopes" => json!(["ci:write", "artifacts:write"]),
        _ => return None,
    })
}
