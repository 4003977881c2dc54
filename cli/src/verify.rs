//! `slipway snapshot verify`: whether a manifest or a bundle is what its vendor has signed.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::Value;
use slipway_domain::{SnapshotId, TenantId, Timestamp};
use slipway_signing::parse_document;
use slipway_snapshot::StreamId;

use crate::clock;
use crate::environment::Environment;
use crate::error::{CliError, Result};
use crate::trust::TrustArguments;
use crate::verification::{verify_bundle, verify_manifest};

/// What to verify, and with which keys.
#[derive(Debug, Args)]
pub struct VerifyArguments {
    /// The manifest or the bundle; `-` reads it from standard input.
    file: PathBuf,
    #[command(flatten)]
    trust: TrustArguments,
    /// Whose snapshot it has to be.
    #[arg(long = "tenant")]
    tenant_id: Option<TenantId>,
}

/// What was verified.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// `manifest` or `bundle`.
    pub document: &'static str,
    /// The snapshot.
    pub snapshot_id: SnapshotId,
    /// Whose it is.
    pub tenant_id: TenantId,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in its stream.
    pub sequence: u64,
    /// Until when mirrors may accept it.
    pub expires_at: Timestamp,
    /// How many releases it has.
    pub releases: usize,
    /// How many distinct artifacts it has.
    pub artifacts: usize,
}

/// Verifies it.
pub async fn verify(arguments: VerifyArguments, environment: &Environment) -> Result<Verified> {
    let document = read(&arguments.file)?;
    let keys = arguments.trust.keys(environment).await?;
    let bundled = document.get("manifest").cloned();
    let is_bundle = bundled.is_some();
    let verified = verify_manifest(
        bundled.unwrap_or_else(|| document.clone()),
        &keys,
        arguments.tenant_id.as_ref(),
        clock::now(),
    )?;
    if is_bundle {
        verify_bundle(document, &verified)?;
    }
    let manifest = verified.manifest;
    let artifacts = manifest.distinct_artifacts().len();
    Ok(Verified {
        document: if is_bundle { "bundle" } else { "manifest" },
        snapshot_id: manifest.snapshot_id,
        tenant_id: manifest.tenant_id,
        stream: manifest.stream,
        sequence: manifest.sequence,
        expires_at: manifest.expires_at,
        releases: manifest.releases.len(),
        artifacts,
    })
}

fn read(path: &Path) -> Result<Value> {
    let mut bytes = Vec::new();
    let outcome = if path == Path::new("-") {
        std::io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    outcome.map_err(CliError::io(path))?;
    parse_document(&bytes)
        .map_err(|error| CliError::Malformed(format!("{}: {error}", path.display())))
}
