//! Whether a store that something else serves keeps what verification rests on.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use slipway_edge::clock::entropy;
use slipway_storage::INCOMING;

use crate::Error;

/// No object has it.
const OTHER_ETAG: &str = "\"00000000000000000000000000000000\"";

/// Makes sure that `bucket` exists, and that its store reads and copies one version of an object, or
/// nothing: bytes could be replaced after they were verified otherwise. It stores a small object
/// and deletes it.
pub async fn check_store(client: &Client, bucket: &str) -> Result<(), Error> {
    client.head_bucket().bucket(bucket).send().await.map_err(|error| {
        let status = error.raw_response().map(|response| response.status().as_u16());
        format!("the bucket {bucket} can't be reached (HTTP status {status:?}): it has to exist, and the credentials have to be allowed to read and write it")
    })?;
    let name = data_encoding::HEXLOWER.encode(&entropy::<8>()?);
    let (key, copy) = (format!("{INCOMING}check-{name}"), format!("{INCOMING}check-{name}-copy"));
    let body = ByteStream::from_static(b"slipway");
    client.put_object().bucket(bucket).key(&key).body(body).send().await?;
    let verdict = keeps_versions(client, bucket, &key, &copy).await;
    for key in [key, copy] {
        client.delete_object().bucket(bucket).key(key).send().await?;
    }
    verdict
}

async fn keeps_versions(client: &Client, bucket: &str, key: &str, to: &str) -> Result<(), Error> {
    let read = client.get_object().bucket(bucket).key(key).if_match(OTHER_ETAG).send().await;
    let copy = client
        .copy_object()
        .bucket(bucket)
        .key(to)
        .copy_source(format!("{bucket}/{key}"))
        .copy_source_if_match(OTHER_ETAG)
        .send()
        .await;
    for (is_refused, header) in [
        (is_refused(&read), "If-Match of a GET"),
        (is_refused(&copy), "x-amz-copy-source-if-match of a copy"),
    ] {
        if !is_refused {
            return Err(format!("the store of the bucket {bucket} ignores {header}: what was verified could be replaced before it is kept, so that Slipway can't use it").into());
        }
    }
    Ok(())
}

/// Whether the answer is `412 Precondition Failed`.
fn is_refused<T, E>(answer: &Result<T, SdkError<E>>) -> bool {
    let response = answer.as_ref().err().and_then(SdkError::raw_response);
    response.is_some_and(|response| response.status().as_u16() == 412)
}
