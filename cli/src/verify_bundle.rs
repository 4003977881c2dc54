//! `slipway bundle verify`: whether the manifest of a release bundle is what its vendor has signed.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use slipway_composition::{BundleManifest, BundleName, PinnedImage, ReleaseBundleId};
use slipway_domain::Version;
use slipway_signing::{Context, parse_document, verify};

use crate::clock;
use crate::environment::Environment;
use crate::error::{CliError, Result};
use crate::trust::TrustArguments;

/// How many bytes a manifest may have: one of 90 images has some 60,000.
const MAX_BYTES: u64 = 1 << 20;

/// What to verify, and with which keys.
#[derive(Debug, Args)]
pub struct VerifyBundleArguments {
    /// The manifest; `-` reads it from standard input.
    file: PathBuf,
    #[command(flatten)]
    trust: TrustArguments,
    /// Id of the release that it has to be of: others are signed, too.
    #[arg(long = "release")]
    release_id: Option<ReleaseBundleId>,
}

/// A manifest that is genuine.
#[derive(Debug, Serialize)]
pub struct VerifiedBundle {
    /// `release_bundle`.
    pub document: &'static str,
    /// The release.
    pub release_id: ReleaseBundleId,
    /// Its name.
    pub release_name: BundleName,
    /// What it deploys.
    pub images: Vec<VerifiedImage>,
}

/// An image that a release deploys.
#[derive(Debug, Serialize)]
pub struct VerifiedImage {
    /// Name of the component.
    pub name: String,
    /// Its version, if it has one.
    pub version: Option<Version>,
    /// What to pull: registry, repository and digest.
    pub image: String,
}

/// A manifest as it is served.
#[derive(Deserialize)]
struct SignedManifest {
    #[serde(flatten)]
    manifest: BundleManifest,
    #[serde(rename = "key_id")]
    _key_id: String,
    #[serde(rename = "signature")]
    _signature: String,
}

/// Verifies it.
pub async fn verify_bundle(
    arguments: VerifyBundleArguments,
    environment: &Environment,
) -> Result<VerifiedBundle> {
    let VerifyBundleArguments { file, trust, release_id } = arguments;
    let malformed = |why: &dyn std::fmt::Display| {
        CliError::NotAReleaseManifest(format!("{}: {why}", file.display()))
    };
    let bytes = read(&file)?.ok_or_else(|| malformed(&"it has more than 1 MiB"))?;
    let document = parse_document(&bytes).map_err(|error| malformed(&error))?;
    // Read before it is verified: a snapshot's manifest is then said to be none of a release.
    let SignedManifest { manifest, .. } =
        SignedManifest::deserialize(&document).map_err(|error| malformed(&error))?;
    verify(Context::ReleaseBundle, &document, &trust.keys(environment).await?, clock::now())?;
    let BundleManifest { release_id: found, release_name, images } = manifest;
    if let Some(wanted) = release_id.filter(|wanted| *wanted != found) {
        return Err(CliError::OtherRelease { found, wanted });
    }
    let images = images.into_iter().map(VerifiedImage::from).collect();
    Ok(VerifiedBundle { document: "release_bundle", release_id: found, release_name, images })
}

/// The bytes of a file; none, where they are too many.
fn read(path: &Path) -> Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    let mut take = |from: &mut dyn Read| from.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    let outcome = if path == Path::new("-") {
        take(&mut io::stdin())
    } else {
        File::open(path).and_then(|mut file| take(&mut file))
    };
    outcome.map_err(CliError::io(path))?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_BYTES);
    Ok(fits.then_some(bytes))
}

impl From<PinnedImage> for VerifiedImage {
    fn from(PinnedImage { name, version, image, .. }: PinnedImage) -> Self {
        Self { name: name.to_string(), version, image }
    }
}
