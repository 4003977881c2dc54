//! Whether a mirror may accept a snapshot.

use serde_json::Value;
use slipway_domain::{TenantId, Timestamp};
use slipway_signing::{Context, KeySet, canonical_digest, verify};
use slipway_snapshot::{Bundle, Manifest};

use crate::failure::{Failure, Result};

/// A signed manifest, as it came, and what it says. It was verified.
#[derive(Debug, Clone, PartialEq)]
pub struct AcceptedManifest {
    /// As it came.
    pub document: Value,
    /// What it says.
    pub manifest: Manifest,
}

/// Makes sure that `document` is a manifest that one of `keys` has signed, that it counts at `now`,
/// and that its parts fit together; of `tenant`, where one is wanted.
pub fn accept(
    document: Value,
    keys: &KeySet,
    tenant: Option<&TenantId>,
    now: Timestamp,
) -> Result<AcceptedManifest> {
    verify(Context::Snapshot, &document, keys, now)?;
    let manifest: Manifest = serde_json::from_value(document.clone())
        .map_err(|error| Failure::Malformed(error.to_string()))?;
    if let Some(wanted) = tenant.filter(|wanted| **wanted != manifest.tenant_id) {
        return Err(Failure::OtherTenant { found: manifest.tenant_id, wanted: wanted.clone() });
    }
    let releases = document.get("releases").unwrap_or(&Value::Null);
    let digest =
        canonical_digest(releases).map_err(|error| Failure::Malformed(error.to_string()))?;
    if digest != manifest.content_digest {
        return Err(Failure::WrongContents);
    }
    Ok(AcceptedManifest { document, manifest })
}

/// Makes sure that `document` is the bundle of `accepted`: everything in it follows from the
/// manifest.
pub fn accept_bundle(document: Value, accepted: &AcceptedManifest) -> Result<Bundle<Value>> {
    let bundle: Bundle<Value> =
        serde_json::from_value(document).map_err(|error| Failure::Malformed(error.to_string()))?;
    if bundle.snapshot_id != accepted.manifest.snapshot_id {
        return Err(Failure::EditedBundle("snapshot_id"));
    }
    if bundle.manifest != accepted.document {
        return Err(Failure::EditedBundle("manifest"));
    }
    if bundle.artifacts != accepted.manifest.distinct_artifacts() {
        return Err(Failure::EditedBundle("list of artifacts"));
    }
    if accepted.document.get("signature").and_then(Value::as_str) != Some(&bundle.signature) {
        return Err(Failure::EditedBundle("signature"));
    }
    Ok(bundle)
}
