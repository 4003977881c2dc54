//! Download URLs for verified bytes.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use slipway_domain::artifact::{Artifact, Filename};
use slipway_domain::{Error, Result};

use crate::bucket::{Bucket, failed};
use crate::keys::served;

/// Validity of a download URL. It limits the start of a download, not its duration.
const LIFETIME: Duration = Duration::from_mins(15);

/// Characters that RFC 8187 allows unencoded in an extended parameter value.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Presigns downloads of verified bytes. Requires `s3:GetObject` on `artifacts/`.
#[derive(Debug, Clone)]
pub struct ArtifactReader {
    bucket: Bucket,
}

impl ArtifactReader {
    /// A reader of `bucket`.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self { bucket }
    }

    /// A presigned URL of the artifact, valid for 15 minutes, with its file name as
    /// `Content-Disposition`. No call is made.
    pub async fn url(&self, artifact: &Artifact) -> Result<String> {
        let lifetime = PresigningConfig::expires_in(LIFETIME).map_err(Error::internal)?;
        let request =
            self.bucket.client.get_object().bucket(&self.bucket.name).key(served(&artifact.sha256));
        let disposition =
            artifact.filename.as_ref().map_or_else(|| "attachment".to_owned(), disposition);
        let request = request
            .response_content_disposition(disposition)
            .response_content_type("application/octet-stream");
        Ok(request.presigned(lifetime).await.map_err(failed)?.uri().to_owned())
    }
}

/// `Content-Disposition` with the extended file name parameter (RFC 6266), which allows any
/// character.
fn disposition(filename: &Filename) -> String {
    format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(filename.as_str(), ATTR_CHAR))
}
