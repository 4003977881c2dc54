//! Handing out verified bytes.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use slipway_domain::artifact::{Artifact, Filename};
use slipway_domain::{Error, Result};

use crate::bucket::{Bucket, failed};
use crate::keys::served;

/// How long a download URL works: long enough to start, the download itself may take longer.
const LIFETIME: Duration = Duration::from_mins(15);

/// What RFC 8187 lets stand in an extended parameter value.
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// May hand out URLs for verified bytes: `s3:GetObject` on `artifacts/`.
#[derive(Debug, Clone)]
pub struct ArtifactReader {
    bucket: Bucket,
}

impl ArtifactReader {
    /// Hands out what is in `bucket`.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self { bucket }
    }

    /// A URL that serves the artifact's bytes for 15 minutes, under its file name. No call is made.
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

/// RFC 6266, in the extended form that takes any character.
fn disposition(filename: &Filename) -> String {
    format!("attachment; filename*=UTF-8''{}", utf8_percent_encode(filename.as_str(), ATTR_CHAR))
}
