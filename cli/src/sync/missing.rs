//! Artifacts that could not be fetched, and whose they are.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use slipway_domain::{ArtifactId, ProductId, Sha256};
use slipway_snapshot::{BundleArtifact, Manifest};
use url::Url;

use crate::error::{CliError, Result};

/// How many a message names.
const NAMED: usize = 10;
/// After so many artifacts in a row that a host has not delivered, each of them asked for five
/// times, it is not asked any more.
const MOST_FAULTS: u32 = 2;

/// An artifact of a snapshot that is not here.
#[derive(Debug, Clone, Serialize)]
pub struct MissingArtifact {
    /// Its id.
    pub artifact_id: ArtifactId,
    /// Its digest.
    pub sha256: Sha256,
    /// The products that have it in a release.
    pub products: BTreeSet<ProductId>,
    /// Why it is not here, for programs.
    pub code: &'static str,
    /// Why it is not here, for people.
    pub message: String,
    #[serde(skip)]
    exit_code: u8,
}

/// The artifacts of a snapshot that are not here, in the order of its bundle.
#[derive(Debug, Clone)]
pub struct MissingArtifacts {
    /// All of them.
    pub list: Vec<MissingArtifact>,
    /// How many artifacts the snapshot has.
    pub total: usize,
}

impl MissingArtifact {
    /// `artifact` of `manifest`, which `cause` has kept from coming.
    pub fn new(artifact: &BundleArtifact, manifest: &Manifest, cause: &CliError) -> Self {
        let releases = manifest.releases.iter().filter(|release| {
            release.artifacts.iter().any(|other| other.facts.sha256 == artifact.sha256)
        });
        let (code, exit_code) = cause.codes();
        Self {
            artifact_id: artifact.artifact_id.clone(),
            sha256: artifact.sha256,
            products: releases.map(|release| release.product_id.clone()).collect(),
            code,
            message: cause.to_string(),
            exit_code,
        }
    }
}

impl MissingArtifacts {
    /// The code and the exit code of the first one.
    pub fn codes(&self) -> (&'static str, u8) {
        self.list.first().map_or(("other", 1), |first| (first.code, first.exit_code))
    }
}

impl fmt::Display for MissingArtifact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let products: Vec<&str> = self.products.iter().map(ProductId::as_str).collect();
        write!(formatter, "{} of {}: {}", self.artifact_id, products.join(", "), self.message)
    }
}

impl fmt::Display for MissingArtifacts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, total) = (self.list.len(), self.total);
        let named: Vec<String> = self.list.iter().take(NAMED).map(ToString::to_string).collect();
        write!(formatter, "{count} of {total} artifacts can't be fetched: {}", named.join("; "))?;
        match count.saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(formatter, "; and {more} more"),
        }
    }
}

/// The hosts that do not deliver: one that is down or too slow must not take its time anew for each
/// of a thousand artifacts.
#[derive(Debug, Default)]
pub struct HostFaults(Mutex<HashMap<String, u32>>);

impl HostFaults {
    /// Makes sure that the host of `artifact` is worth asking.
    pub fn check(&self, artifact: &BundleArtifact) -> Result<()> {
        let host = host(artifact);
        if self.faults().get(&host).is_some_and(|faults| *faults >= MOST_FAULTS) {
            let why = "has not delivered other artifacts, and is not asked again in this sync";
            return Err(CliError::Unreachable(format!("{host} {why}")));
        }
        Ok(())
    }

    /// Counts what asking for `artifact` came to. A refusal is an answer.
    pub fn count<T>(&self, artifact: &BundleArtifact, outcome: &Result<T>) {
        let mut faults = self.faults();
        match outcome {
            Err(CliError::Unreachable(_) | CliError::Truncated { .. }) => {
                *faults.entry(host(artifact)).or_default() += 1;
            }
            _ => drop(faults.remove(&host(artifact))),
        }
    }

    fn faults(&self) -> std::sync::MutexGuard<'_, HashMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn host(artifact: &BundleArtifact) -> String {
    let url = Url::parse(&artifact.download_url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}
