//! Copying verified bytes inside S3.

use aws_sdk_s3::types::{ChecksumAlgorithm, MetadataDirective};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use slipway_domain::Result;
use slipway_domain::upload::PartCopy;

use crate::bucket::{Bucket, failed, status};
use crate::progress::VerificationStep;

/// Content type of everything that is served.
pub(crate) const CONTENT_TYPE: &str = "application/octet-stream";

const PATH: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// A copy of one version of an object to another key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CopyRequest<'a> {
    pub(crate) bucket: &'a Bucket,
    pub(crate) from: &'a str,
    pub(crate) etag: &'a str,
    pub(crate) size: u64,
    pub(crate) to: &'a str,
}

/// Outcome of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyOutcome {
    /// The bytes are in place and can be served.
    Copied,
    /// The source was replaced or deleted meanwhile: verify again.
    SourceChanged,
    /// The step is over before the end; its progress is recorded.
    Paused,
}

impl CopyRequest<'_> {
    /// Copies the object, on the condition that the source still has the expected `ETag`: in one
    /// request, or in parts, of which those are done that `begun` has, and as many more as `step`
    /// has time for.
    pub(crate) async fn run(
        self,
        begun: Option<&PartCopy>,
        step: &mut impl VerificationStep,
    ) -> Result<CopyOutcome> {
        if self.size <= self.bucket.traits.copy_limits.single {
            self.whole().await
        } else {
            self.in_parts(begun, step).await
        }
    }

    pub(crate) fn source(&self) -> String {
        format!("{}/{}", self.bucket.name, utf8_percent_encode(self.from, PATH))
    }

    async fn whole(self) -> Result<CopyOutcome> {
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .copy_object()
            .bucket(&self.bucket.name)
            .key(self.to)
            .copy_source(self.source());
        let checksum = self.bucket.traits.sha256_checksums.then_some(ChecksumAlgorithm::Sha256);
        let request = request.copy_source_if_match(self.etag).set_checksum_algorithm(checksum);
        // The same bytes are served to everyone: headers that one uploader sent along must not come
        // with them.
        let request =
            request.metadata_directive(MetadataDirective::Replace).content_type(CONTENT_TYPE);
        match request.send().await {
            Ok(_) => Ok(CopyOutcome::Copied),
            Err(error) if matches!(status(&error), Some(404 | 412)) => {
                Ok(CopyOutcome::SourceChanged)
            }
            Err(error) => Err(failed(error)),
        }
    }
}
