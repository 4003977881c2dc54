//! Whether a manifest is still there.

use http::StatusCode;
use serde::Deserialize;
use slipway_composition::{ImageDigest, ImageRepository};
use slipway_outbound::Fetch;

use crate::error::{Error, Result};
use crate::manifest::{Manifest, ManifestReference};
use crate::registry::Registry;

/// The codes by which a registry says that it has no such manifest or repository: those of the OCI
/// distribution API 1.1, and Harbor's.
const UNKNOWN: [&str; 3] = ["MANIFEST_UNKNOWN", "NAME_UNKNOWN", "NOT_FOUND"];

/// What a registry answers with a failure (OCI distribution API 1.1, "Error codes").
#[derive(Deserialize)]
struct Failure {
    errors: Vec<FailureEntry>,
}

#[derive(Deserialize)]
struct FailureEntry {
    code: String,
}

impl Registry {
    /// The manifest with this digest; none, if the registry itself says that it has none.
    ///
    /// A status alone does not say it: a proxy before a registry that is down answers 404 as well.
    /// So 404 counts with the code of a registry only.
    ///
    /// # Errors
    /// All of [`Error`]; [`Error::Status`] or [`Error::Malformed`] for a 404 that says no more.
    pub async fn find_manifest(
        &self,
        repository: &ImageRepository,
        digest: &ImageDigest,
    ) -> Result<Option<Manifest>> {
        let reference = ManifestReference::Digest(digest.clone());
        let found = self.resolve(repository, &reference).await?;
        if found.is_some() {
            return Ok(found);
        }
        let get = self.manifest_request(Fetch::get, repository, &reference)?;
        let response = self.send(Some(repository), &get).await?;
        let status = response.status;
        if status == StatusCode::NOT_FOUND {
            let failure: Failure = self.json(response, "a registry's error").await?;
            if failure.errors.iter().any(|error| UNKNOWN.contains(&error.code.as_str())) {
                return Ok(None);
            }
        }
        Err(Error::Status { host: self.host().to_owned(), status })
    }
}
