//! Snapshots in S3: written once, served inline or by presigned URL, deleted by retention.

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use bytes::Bytes;
use slipway_domain::{Error, Result, SnapshotId, TenantId, Timestamp};
use slipway_snapshot::{Bundle, Snapshot};

use crate::bucket::{Bucket, failed, status};
use crate::keys::{self, SNAPSHOTS};
use crate::read_url::{ReadMethod, ResponseHeaders, presign_read};

/// Size limit of an inline response: 4 MiB, because Lambda's limit is 6 MB for the text as it is
/// encoded. Larger documents are downloaded from S3.
pub const INLINE_BYTES: u64 = 4 << 20;
/// The size up to which version 0.1.0 stored a manifest in its bundle alone.
const INLINE_BYTES_0_1_0: u64 = 5 << 20;
const JSON: &str = "application/json";

/// Stores snapshots. Requires `s3:PutObject` on `snapshots/`.
#[derive(Debug, Clone)]
pub struct SnapshotWriter {
    bucket: Bucket,
}

impl SnapshotWriter {
    /// A writer to `bucket`.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self { bucket }
    }

    /// Stores the bundle of a new snapshot whose manifest has `manifest_bytes`. One call, and a
    /// second one if the manifest is too large for an inline response.
    ///
    /// # Errors
    /// `internal` if the snapshot is stored already: no object is ever overwritten. A store that knows no condition
    /// overwrites it; its key has the snapshot's id, which is made anew each time.
    pub async fn store(
        &self,
        tenant: &TenantId,
        id: &SnapshotId,
        bundle: Bytes,
        manifest_bytes: u64,
    ) -> Result<()> {
        if manifest_bytes > INLINE_BYTES {
            let start =
                usize::try_from(Bundle::<()>::manifest_offset(id)).map_err(Error::internal)?;
            let end = start + usize::try_from(manifest_bytes).map_err(Error::internal)?;
            self.put(keys::manifest(tenant, id), bundle.slice(start..end)).await?;
        }
        self.put(keys::bundle(tenant, id), bundle).await
    }

    async fn put(&self, key: String, body: Bytes) -> Result<()> {
        self.bucket.meter.s3_request();
        let created = self.bucket.traits.conditional_put.then(|| "*".to_owned());
        let request = self.bucket.client.put_object().bucket(&self.bucket.name).key(key);
        let request = request.set_if_none_match(created);
        request
            .content_type(JSON)
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(failed)
            .map(|_| ())
    }
}

/// The body of a stored document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DocumentBody {
    /// Its bytes.
    Inline(Bytes),
    /// A presigned URL, valid for 15 minutes.
    At(String),
}

/// Reads snapshots. Requires `s3:GetObject` on `snapshots/`.
#[derive(Debug, Clone)]
pub struct SnapshotReader {
    bucket: Bucket,
}

impl SnapshotReader {
    /// A reader of `bucket`.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self { bucket }
    }

    /// The signed manifest, byte for byte as it was stored, for a request with `method`.
    pub async fn manifest(&self, snapshot: &Snapshot, method: ReadMethod) -> Result<DocumentBody> {
        let Snapshot { tenant_id, snapshot_id, manifest_bytes, .. } = snapshot;
        if *manifest_bytes > INLINE_BYTES {
            let key = keys::manifest(tenant_id, snapshot_id);
            if *manifest_bytes > INLINE_BYTES_0_1_0 || self.exists(&key).await? {
                return self.url(key, method).await;
            }
        }
        let start = Bundle::<()>::manifest_offset(snapshot_id);
        let range = format!("bytes={start}-{}", start + manifest_bytes - 1);
        self.read(keys::bundle(tenant_id, snapshot_id), Some(range)).await
    }

    /// The bundle, byte for byte as it was stored, for a request with `method`.
    pub async fn bundle(&self, snapshot: &Snapshot, method: ReadMethod) -> Result<DocumentBody> {
        let key = keys::bundle(&snapshot.tenant_id, &snapshot.snapshot_id);
        if snapshot.bundle_bytes > INLINE_BYTES {
            self.url(key, method).await
        } else {
            self.read(key, None).await
        }
    }

    /// Whether there is an object `key`. Without `s3:ListBucket` S3 answers 403 where there is none.
    async fn exists(&self, key: &str) -> Result<bool> {
        self.bucket.meter.s3_request();
        match self.bucket.client.head_object().bucket(&self.bucket.name).key(key).send().await {
            Ok(_) => Ok(true),
            Err(error) if matches!(status(&error), Some(403 | 404)) => Ok(false),
            Err(error) => Err(failed(error)),
        }
    }

    async fn read(&self, key: String, range: Option<String>) -> Result<DocumentBody> {
        self.bucket.meter.s3_request();
        let request =
            self.bucket.client.get_object().bucket(&self.bucket.name).key(key).set_range(range);
        let answer = request.send().await.map_err(failed)?;
        let bytes = answer.body.collect().await.map_err(Error::internal)?.into_bytes();
        self.bucket.meter.s3_read(bytes.len() as u64);
        Ok(DocumentBody::Inline(bytes))
    }

    async fn url(&self, key: String, method: ReadMethod) -> Result<DocumentBody> {
        let headers = ResponseHeaders { content_type: JSON, content_disposition: None };
        presign_read(&self.bucket, key, method, headers).await.map(DocumentBody::At)
    }
}

/// An object under `snapshots/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredObject {
    /// Object key.
    pub key: String,
    /// Time of its last modification.
    pub written_at: Timestamp,
}

/// Deletes snapshots. Requires `s3:DeleteObject` on `snapshots/`, and `s3:ListBucket` for that
/// prefix.
#[derive(Debug, Clone)]
pub struct SnapshotDeleter {
    bucket: Bucket,
}

impl SnapshotDeleter {
    /// A deleter for `bucket`.
    #[must_use]
    pub fn new(bucket: Bucket) -> Self {
        Self { bucket }
    }

    /// Deletes the objects of a snapshot, if there are any.
    pub async fn delete_objects(&self, snapshot: &Snapshot) -> Result<()> {
        let Snapshot { tenant_id, snapshot_id, manifest_bytes, .. } = snapshot;
        let manifest =
            (*manifest_bytes > INLINE_BYTES).then(|| keys::manifest(tenant_id, snapshot_id));
        self.delete([keys::bundle(tenant_id, snapshot_id)].into_iter().chain(manifest)).await
    }

    /// Deletes up to 1,000 objects, in one call where the store takes them together.
    pub async fn delete(&self, keys: impl IntoIterator<Item = String>) -> Result<()> {
        if self.bucket.traits.batch_delete {
            return self.delete_together(keys).await;
        }
        for key in keys {
            self.bucket.meter.s3_request();
            let request = self.bucket.client.delete_object().bucket(&self.bucket.name).key(key);
            request.send().await.map_err(failed)?;
        }
        Ok(())
    }

    async fn delete_together(&self, keys: impl IntoIterator<Item = String>) -> Result<()> {
        let objects = keys.into_iter().map(|key| ObjectIdentifier::builder().key(key).build());
        let objects = objects.collect::<Result<Vec<_>, _>>().map_err(Error::internal)?;
        let delete = Delete::builder()
            .set_objects(Some(objects))
            .quiet(true)
            .build()
            .map_err(Error::internal)?;
        self.bucket.meter.s3_request();
        let answer = self
            .bucket
            .client
            .delete_objects()
            .bucket(&self.bucket.name)
            .delete(delete)
            .send()
            .await
            .map_err(failed)?;
        match answer.errors() {
            [] => Ok(()),
            errors => Err(Error::internal(format!("S3 did not delete everything: {errors:?}"))),
        }
    }

    /// A page of up to 1,000 objects after the key `start`, and the key to continue after; `None`
    /// on the last page.
    pub async fn list(&self, start: Option<String>) -> Result<(Vec<StoredObject>, Option<String>)> {
        self.bucket.meter.s3_request();
        let request = self
            .bucket
            .client
            .list_objects_v2()
            .bucket(&self.bucket.name)
            .prefix(SNAPSHOTS)
            .set_continuation_token(start);
        let answer = request.send().await.map_err(failed)?;
        let stored = |object: &aws_sdk_s3::types::Object| {
            Some(StoredObject {
                key: object.key()?.to_owned(),
                written_at: time(object.last_modified()?)?,
            })
        };
        Ok((answer.contents().iter().filter_map(stored).collect(), answer.next_continuation_token))
    }
}

fn time(at: &DateTime) -> Option<Timestamp> {
    Timestamp::from_second(at.secs()).ok()
}
