//! Whether a mirror may accept a snapshot.

use serde_json::Value;
use slipway_domain::{TenantId, Timestamp};
use slipway_signing::{Context, KeySet, canonical_digest, verify};
use slipway_snapshot::{ArtifactSources, Bundle, Manifest};

use crate::error::{CliError, Result};

/// A signed manifest, as it came, and what it says. It was verified.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedManifest {
    /// As it came.
    pub document: Value,
    /// What it says.
    pub manifest: Manifest,
}

/// Makes sure that `document` is a manifest that one of `keys` has signed, that it counts at `now`,
/// and that its parts fit together; of `tenant`, where one is wanted.
pub fn verify_manifest(
    document: Value,
    keys: &KeySet,
    tenant: Option<&TenantId>,
    now: Timestamp,
) -> Result<VerifiedManifest> {
    verify(Context::Snapshot, &document, keys, now)?;
    let manifest: Manifest = serde_json::from_value(document.clone())
        .map_err(|error| CliError::Malformed(error.to_string()))?;
    if let Some(wanted) = tenant.filter(|wanted| **wanted != manifest.tenant_id) {
        return Err(CliError::OtherTenant { found: manifest.tenant_id, wanted: wanted.clone() });
    }
    let releases = document.get("releases").unwrap_or(&Value::Null);
    let digest =
        canonical_digest(releases).map_err(|error| CliError::Malformed(error.to_string()))?;
    if digest != manifest.content_digest {
        return Err(CliError::WrongContents);
    }
    Ok(VerifiedManifest { document, manifest })
}

/// Makes sure that `document` is the bundle of `verified`: everything in it follows from the
/// manifest.
pub fn verify_bundle(document: Value, verified: &VerifiedManifest) -> Result<Bundle<Value>> {
    let bundle: Bundle<Value> =
        serde_json::from_value(document).map_err(|error| CliError::Malformed(error.to_string()))?;
    if bundle.snapshot_id != verified.manifest.snapshot_id {
        return Err(CliError::EditedBundle("snapshot_id"));
    }
    if bundle.manifest != verified.document {
        return Err(CliError::EditedBundle("manifest"));
    }
    let sources = verified.manifest.artifact_sources();
    let is_source = |(entry, artifact): (_, &ArtifactSources)| artifact.sources.contains(entry);
    // Which of its sources an artifact is listed with was another rule once.
    if bundle.artifacts.len() != sources.len()
        || !bundle.artifacts.iter().zip(&sources).all(is_source)
    {
        return Err(CliError::EditedBundle("list of artifacts"));
    }
    if verified.document.get("signature").and_then(Value::as_str) != Some(&bundle.signature) {
        return Err(CliError::EditedBundle("signature"));
    }
    Ok(bundle)
}
