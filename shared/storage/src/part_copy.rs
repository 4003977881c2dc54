//! Copying an object in parts, which goes on in the next step where one is over: S3 keeps the parts
//! that are done.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{CompletedPart, Part};
use futures::{StreamExt, TryStreamExt, stream};
use slipway_domain::upload::PartCopy;
use slipway_domain::{Error, Result};

use crate::bucket::{failed, status};
use crate::copying::{CONTENT_TYPE, CopyOutcome, CopyRequest};
use crate::open_multipart::OpenMultipart;
use crate::progress::VerificationStep;

/// Limit of concurrent part copies.
const AT_ONCE: usize = 8;

/// The parts that are done, by number, with their entity tags.
type DoneParts = BTreeMap<i32, String>;

impl<'a> CopyRequest<'a> {
    /// Copies the parts that `begun` lacks, some of them however little time `step` has, and puts
    /// all together once they are there.
    pub(crate) async fn in_parts(
        self,
        begun: Option<&PartCopy>,
        step: &mut impl VerificationStep,
    ) -> Result<CopyOutcome> {
        if self.is_served().await? {
            return Ok(CopyOutcome::Copied);
        }
        let Some((copy, mut done)) = self.resume(begun, step).await? else {
            return Ok(CopyOutcome::Paused);
        };
        let missing: Vec<i32> =
            self.numbers()?.filter(|number| !done.contains_key(number)).collect();
        let mut batches = missing.chunks(AT_ONCE).peekable();
        while let Some(numbers) = batches.next() {
            let Some(parts) = self.copy_parts(&copy, numbers).await? else {
                self.multipart(&copy).abort().await?;
                return Ok(CopyOutcome::SourceChanged);
            };
            done.extend(parts);
            let is_over = batches.peek().is_some() && step.is_over();
            if step.record_copying(copy.clone()).await?.is_break() || is_over {
                return Ok(CopyOutcome::Paused);
            }
        }
        self.complete(&copy, done).await
    }

    /// Whether the same bytes are served already: another upload brought them, or a run before this
    /// one has died after the copy. Asks the bucket's list: nobody who verifies may read what is
    /// served.
    async fn is_served(self) -> Result<bool> {
        self.bucket.meter.s3_request();
        let request = self.bucket.client.list_objects_v2().bucket(&self.bucket.name);
        let found = request.prefix(self.to).max_keys(1).send().await.map_err(failed)?;
        let size = i64::try_from(self.size).map_err(Error::internal)?;
        Ok(found
            .contents()
            .iter()
            .any(|object| object.key() == Some(self.to) && object.size() == Some(size)))
    }

    /// The copy that goes on, with the parts that it has: `begun`, if it is of the same bytes and
    /// still there, else a new one. `None` where another run has got as far.
    async fn resume(
        self,
        begun: Option<&PartCopy>,
        step: &mut impl VerificationStep,
    ) -> Result<Option<(PartCopy, DoneParts)>> {
        match begun {
            Some(copy) if copy.etag == self.etag => {
                if let Some(done) = self.done_parts(copy).await? {
                    return Ok(Some((copy.clone(), done)));
                }
            }
            Some(stale) => self.multipart(stale).abort().await?,
            None => {}
        }
        let copy = self.create().await?;
        if step.record_copying(copy.clone()).await?.is_break() {
            self.multipart(&copy).abort().await?;
            return Ok(None);
        }
        Ok(Some((copy, DoneParts::new())))
    }

    async fn create(self) -> Result<PartCopy> {
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .create_multipart_upload()
            .bucket(&self.bucket.name)
            .key(self.to)
            .content_type(CONTENT_TYPE);
        let id = request.send().await.map_err(failed)?.upload_id;
        Ok(PartCopy {
            etag: self.etag.to_owned(),
            s3_upload_id: id
                .ok_or_else(|| Error::internal("S3 opened a multipart upload without an id"))?,
        })
    }

    fn multipart<'c>(self, copy: &'c PartCopy) -> OpenMultipart<'c>
    where
        'a: 'c,
    {
        OpenMultipart { bucket: self.bucket, key: self.to, id: &copy.s3_upload_id }
    }

    /// The parts that are done; `None` if the multipart upload is gone.
    async fn done_parts(self, copy: &PartCopy) -> Result<Option<DoneParts>> {
        let parts = self.multipart(copy).list_parts().await?;
        let done = |part: Part| Some((part.part_number?, part.e_tag?));
        Ok(parts.map(|parts| parts.into_iter().filter_map(done).collect()))
    }

    fn numbers(self) -> Result<std::ops::RangeInclusive<i32>> {
        let last = self.size.div_ceil(self.bucket.traits.copy_limits.part);
        Ok(1..=i32::try_from(last).map_err(Error::internal)?)
    }

    /// Copies some parts at once; `None` if the source or the multipart upload is gone.
    async fn copy_parts(self, copy: &PartCopy, numbers: &[i32]) -> Result<Option<DoneParts>> {
        let parts: Vec<Option<(i32, String)>> = stream::iter(numbers.iter().copied())
            .map(|number| self.copy_part(copy, number))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(parts.into_iter().collect())
    }

    async fn copy_part(self, copy: &PartCopy, number: i32) -> Result<Option<(i32, String)>> {
        let part = self.bucket.traits.copy_limits.part;
        let start = u64::try_from(number - 1).map_err(Error::internal)? * part;
        let end = (start + part).min(self.size);
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .upload_part_copy()
            .bucket(&self.bucket.name)
            .key(self.to)
            .upload_id(&copy.s3_upload_id)
            .part_number(number);
        let request = request
            .copy_source(self.source())
            .copy_source_if_match(self.etag)
            .copy_source_range(format!("bytes={start}-{}", end - 1));
        match request.send().await {
            Ok(answer) => {
                let etag = answer.copy_part_result.and_then(|result| result.e_tag);
                let etag = etag.ok_or_else(|| Error::internal("S3 told no ETag of a part"))?;
                Ok(Some((number, etag)))
            }
            Err(error) if matches!(status(&error), Some(404 | 412)) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    async fn complete(self, copy: &PartCopy, done: DoneParts) -> Result<CopyOutcome> {
        let parts = done
            .into_iter()
            .map(|(number, etag)| CompletedPart::builder().part_number(number).e_tag(etag).build());
        // Where another run has completed it, the next pass finds the object.
        let is_done = self.multipart(copy).complete(parts.collect()).await?;
        Ok(if is_done { CopyOutcome::Copied } else { CopyOutcome::SourceChanged })
    }
}
