//! Copying verified bytes inside S3.

use aws_sdk_s3::types::{
    ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart, MetadataDirective,
};
use futures::{StreamExt, TryStreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use slipway_domain::{Error, Result};

use crate::bucket::{Bucket, failed, status};

/// The largest object that a single copy can carry: 5 GiB, in bytes.
const MAX_SINGLE_COPY: u64 = 5 << 30;
/// Part size of a multipart copy, in bytes. An object of 5 TiB has 5,120 parts.
const PART: u64 = 1 << 30;
/// Content type of everything that is served.
const CONTENT_TYPE: &str = "application/octet-stream";
/// Limit of concurrent part copies.
const AT_ONCE: usize = 8;

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
}

impl CopyRequest<'_> {
    /// Copies the object, on the condition that the source still has the expected `ETag`.
    pub(crate) async fn run(self) -> Result<CopyOutcome> {
        if self.size <= MAX_SINGLE_COPY { self.whole().await } else { self.in_parts().await }
    }

    fn source(&self) -> String {
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
        let request =
            request.copy_source_if_match(self.etag).checksum_algorithm(ChecksumAlgorithm::Sha256);
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

    async fn in_parts(self) -> Result<CopyOutcome> {
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .create_multipart_upload()
            .bucket(&self.bucket.name)
            .key(self.to)
            .content_type(CONTENT_TYPE);
        let id = request
            .send()
            .await
            .map_err(failed)?
            .upload_id
            .ok_or_else(|| Error::internal("S3 opened a multipart upload without an id"))?;
        let numbers = 1..=i32::try_from(self.size.div_ceil(PART)).map_err(Error::internal)?;
        let parts: Result<Option<Vec<_>>> = stream::iter(numbers)
            .map(|number| self.part(&id, number))
            .buffered(AT_ONCE)
            .try_collect()
            .await
            .map(all);
        match parts {
            Ok(Some(parts)) => self.complete(&id, parts).await,
            gone_or_failed => {
                self.abandon(&id).await?;
                gone_or_failed.map(|_| CopyOutcome::SourceChanged)
            }
        }
    }

    async fn part(self, id: &str, number: i32) -> Result<Option<CompletedPart>> {
        let start = u64::try_from(number - 1).map_err(Error::internal)? * PART;
        let end = (start + PART).min(self.size);
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .upload_part_copy()
            .bucket(&self.bucket.name)
            .key(self.to)
            .upload_id(id)
            .part_number(number);
        let request = request
            .copy_source(self.source())
            .copy_source_if_match(self.etag)
            .copy_source_range(format!("bytes={start}-{}", end - 1));
        match request.send().await {
            Ok(answer) => {
                let etag = answer.copy_part_result.and_then(|result| result.e_tag);
                Ok(Some(CompletedPart::builder().part_number(number).set_e_tag(etag).build()))
            }
            Err(error) if matches!(status(&error), Some(404 | 412)) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    async fn complete(self, id: &str, parts: Vec<CompletedPart>) -> Result<CopyOutcome> {
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .complete_multipart_upload()
            .bucket(&self.bucket.name)
            .key(self.to)
            .upload_id(id);
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        request.multipart_upload(parts).send().await.map_err(failed)?;
        Ok(CopyOutcome::Copied)
    }

    async fn abandon(self, id: &str) -> Result<()> {
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .abort_multipart_upload()
            .bucket(&self.bucket.name)
            .key(self.to)
            .upload_id(id);
        request.send().await.map(|_| ()).map_err(failed)
    }
}

fn all<T>(parts: Vec<Option<T>>) -> Option<Vec<T>> {
    parts.into_iter().collect()
}
