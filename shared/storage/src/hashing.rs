//! Resumable hashing of objects of any size, in bounded memory.

use aws_sdk_s3::Client;
use bytes::Buf;
use data_encoding::BASE64;
use futures::{StreamExt, TryStreamExt, stream};
use sha2::Digest;
use sha2::digest::common::hazmat::SerializableState;
use slipway_domain::upload::HashCheckpoint;
use slipway_domain::{Code, Error, Result, Sha256};

use crate::bucket::{Bucket, failed, status};
use crate::progress::VerificationStep;

/// Size of a ranged read, in bytes.
const RANGE: u64 = 8 << 20;
/// Limit of concurrent ranged reads. With one more being hashed, memory stays below 5 x 8 MiB.
const AT_ONCE: usize = 4;
/// Bytes from one checkpoint to the next.
const STRIDE: u64 = 512 << 20;

/// Outcome of hashing an object.
pub(crate) enum HashOutcome {
    /// The object was read to its end.
    Hashed(Sha256),
    /// The object was replaced or deleted meanwhile.
    SourceChanged,
    /// The step is over; its last checkpoint is recorded.
    Paused,
}

/// Hashes the object `key` of `size` bytes in its version `etag`, starting at `checkpoint` if that
/// belongs to the same version. Some bytes are hashed however little time `step` has.
pub(crate) async fn hash(
    bucket: &Bucket,
    key: &str,
    etag: &str,
    size: u64,
    checkpoint: Option<&HashCheckpoint>,
    step: &mut impl VerificationStep,
) -> Result<HashOutcome> {
    let (mut hasher, mut done) = resume(etag, checkpoint);
    let ranges =
        (0..).map(move |index| done + index * RANGE).take_while(move |start| *start < size);
    let reads = ranges.map(|start| {
        read(&bucket.client, &bucket.name, key, etag, start, (start + RANGE).min(size))
    });
    let mut reads = stream::iter(reads).buffered(AT_ONCE);
    while let Some(bytes) = reads.try_next().await? {
        let Some(mut bytes) = bytes else { return Ok(HashOutcome::SourceChanged) };
        bucket.meter.s3_request();
        bucket.meter.s3_read(bytes.remaining() as u64);
        done += bytes.remaining() as u64;
        while bytes.has_remaining() {
            let length = bytes.chunk().len();
            hasher.update(bytes.chunk());
            bytes.advance(length);
        }
        let is_over = done < size && step.is_over();
        if is_over || done % STRIDE == 0 || (done == size && size > STRIDE) {
            let state = BASE64.encode(hasher.serialize().as_slice());
            let checkpoint = HashCheckpoint { etag: etag.to_owned(), bytes: done, state };
            if step.record_hashed(checkpoint).await?.is_break() || is_over {
                return Ok(HashOutcome::Paused);
            }
        }
    }
    let digest: [u8; 32] = hasher.finalize().into();
    Ok(HashOutcome::Hashed(digest.into()))
}

fn resume(etag: &str, checkpoint: Option<&HashCheckpoint>) -> (sha2::Sha256, u64) {
    let usable = checkpoint.filter(|checkpoint| checkpoint.etag == etag);
    let state = usable.and_then(|checkpoint| Some((restore(&checkpoint.state)?, checkpoint.bytes)));
    state.unwrap_or_else(|| (sha2::Sha256::new(), 0))
}

fn restore(state: &str) -> Option<sha2::Sha256> {
    let bytes = BASE64.decode(state.as_bytes()).ok()?;
    sha2::Sha256::deserialize(bytes.as_slice().try_into().ok()?).ok()
}

/// Reads the bytes `start..end` of a version of an object; `None` if the version is gone.
async fn read(
    client: &Client,
    bucket: &str,
    key: &str,
    etag: &str,
    start: u64,
    end: u64,
) -> Result<Option<impl Buf + use<>>> {
    let request = client
        .get_object()
        .bucket(bucket)
        .key(key)
        .if_match(etag)
        .range(format!("bytes={start}-{}", end - 1));
    let answer = match request.send().await {
        Ok(answer) => answer,
        Err(error) if matches!(status(&error), Some(404 | 412)) => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    // A body that breaks off or stalls is a fault of the network, and worth another try.
    let bytes = answer.body.collect().await.map_err(|error| {
        let message = "the artifact storage stopped sending; try again";
        Error::new(Code::Unavailable, message).because(format!("S3: {error}"))
    })?;
    if bytes.remaining() as u64 != end - start {
        return Err(Error::internal(format!(
            "S3 answered {} bytes for {start}..{end} of {key}",
            bytes.remaining()
        )));
    }
    Ok(Some(bytes))
}
