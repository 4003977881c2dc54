//! What an object store can do, as data. Where a store lacks something, what Slipway promises stays and the way to it
//! changes.

/// What an object store can do beyond what all of them can: PUT, GET and HEAD, presigned with AWS Signature Version 4, reads
/// with `If-Match`, multipart uploads, lists, and copies inside the store with `x-amz-copy-source-if-match`. A store
/// without these can't keep verified bytes from being replaced before they are copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a feature of its own, which a store has or lacks"
)]
pub struct StoreTraits {
    /// PUT with `If-None-Match: *` refuses to replace an object. Without it, what is stored once has a name that nobody
    /// can guess: snapshots have one in any case.
    pub conditional_put: bool,
    /// PUT with the signed header `x-amz-checksum-sha256` refuses other bytes, and HEAD tells the checksum of an object
    /// that came in one PUT. Without it presigned requests sign the length alone, and verification reads the bytes.
    pub sha256_checksums: bool,
    /// One request deletes up to 1,000 objects. Without it each takes one.
    pub batch_delete: bool,
    /// Objects that arrive start the job `finish-upload`. Without it `upload-complete` alone finishes an upload: where a
    /// client does not send it, the upload expires.
    pub event_notifications: bool,
    /// How large an object one request copies, and in which parts larger ones are copied.
    pub copy_limits: CopyLimits,
}

/// How large an object a store copies in one request, and in which parts it copies larger ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyLimits {
    /// The largest object that a single request copies, in bytes.
    pub single: u64,
    /// Size of a part, in bytes.
    pub part: u64,
}

impl CopyLimits {
    /// S3: 5 GiB in one request. An object of 5 TiB has 5,120 parts.
    pub const S3: Self = Self { single: 5 << 30, part: 1 << 30 };
    /// A store that copies objects of any size in one request, and no parts.
    pub const WHOLE: Self = Self { single: u64::MAX, part: u64::MAX };
}

impl StoreTraits {
    /// Amazon S3.
    pub const AWS: Self = Self {
        conditional_put: true,
        sha256_checksums: true,
        batch_delete: true,
        event_notifications: true,
        copy_limits: CopyLimits::S3,
    };

    /// Stores with the API of S3, such as `MinIO` or Ceph: what the oldest of them that are in use have. `DeleteObjects`
    /// is not among it, because the AWS SDK sends a CRC-32 with it where they want an MD5.
    pub const S3_COMPATIBLE: Self = Self {
        conditional_put: false,
        sha256_checksums: false,
        batch_delete: false,
        event_notifications: false,
        copy_limits: CopyLimits::S3,
    };

    /// Google Cloud Storage: its XML API with HMAC keys. It ignores `If-None-Match` on PUT, refuses the checksum headers of
    /// S3, and copies no parts, but objects of any size in one request.
    /// <https://cloud.google.com/storage/docs/xml-api/overview>
    pub const GCS: Self = Self { copy_limits: CopyLimits::WHOLE, ..Self::S3_COMPATIBLE };
}
