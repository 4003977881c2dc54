//! Whether a store that something else serves keeps what verification rests on.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use slipway_edge::clock::entropy;
use slipway_storage::INCOMING;

use crate::Error;

/// No object has it.
const OTHER_ETAG: &str = "\"00000000000000000000000000000000\"";

/// Makes sure that `bucket` exists at `endpoint`, and that its store reads and copies one version of
/// an object, or nothing: bytes could be replaced after they were verified otherwise. It stores a small
/// object and deletes it.
pub async fn check_store(client: &Client, bucket: &str, endpoint: &str) -> Result<(), Error> {
    let place = Place { bucket, endpoint };
    let head = client.head_bucket().bucket(bucket).send().await;
    head.map_err(|error| place.describe("be reached", &error))?;
    let name = data_encoding::HEXLOWER.encode(&entropy::<8>()?);
    let (key, copy) = (format!("{INCOMING}check-{name}"), format!("{INCOMING}check-{name}-copy"));
    let body = ByteStream::from_static(b"slipway");
    let put = client.put_object().bucket(bucket).key(&key).body(body).send().await;
    put.map_err(|error| place.describe("be written", &error))?;
    let verdict = keeps_versions(client, bucket, &key, &copy).await;
    for key in [key, copy] {
        let deleted = client.delete_object().bucket(bucket).key(key).send().await;
        deleted.map_err(|error| place.describe("be deleted from", &error))?;
    }
    verdict
}

/// A bucket, and the base URL of its store.
struct Place<'a> {
    bucket: &'a str,
    endpoint: &'a str,
}

impl Place<'_> {
    /// Why the bucket can't be used, and what would be right.
    fn describe<E>(&self, used: &str, error: &SdkError<E>) -> String
    where
        SdkError<E>: std::error::Error,
    {
        let Self { bucket, endpoint } = self;
        let status = error.raw_response().map(|response| response.status().as_u16());
        let why = match status {
            None => format!("it does not answer ({}); check the endpoint and the network", cause(error)),
            Some(401 | 403) => "the credentials are refused (HTTP 403); they have to be allowed to list, read, write and delete in it".to_owned(),
            Some(404) => "there is no such bucket (HTTP 404); make it first".to_owned(),
            Some(status @ 300..=400) => format!("the store answers HTTP {status}; check the region and the endpoint"),
            Some(status) => format!("the store answers HTTP {status}"),
        };
        format!("the bucket {bucket} at {endpoint} can't {used}: {why}")
    }
}

/// The first cause of an error, in the system's words.
fn cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
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

#[cfg(test)]
mod tests {
    use slipway_aws::{Clients, Local, ObjectStore};

    use super::*;

    /// Nothing but S3 is asked.
    fn nowhere() -> Local {
        Local {
            dynamodb_url: String::new(),
            s3_url: String::new(),
            s3_public_url: None,
            lambda_url: String::new(),
            access_key_id: String::new(),
            secret_access_key: String::new(),
        }
    }

    /// A server that answers every request with this status, or not at all.
    async fn store_that_answers(status: Option<&'static str>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        if let Some(status) = status {
            tokio::spawn(async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let mut head = [0; 4096];
                    let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut head).await;
                    let answer = format!(
                        "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                    );
                    let _ =
                        tokio::io::AsyncWriteExt::write_all(&mut stream, answer.as_bytes()).await;
                }
            });
        }
        format!("http://{address}")
    }

    #[tokio::test]
    async fn a_bucket_that_can_not_be_used_says_why_and_tells_no_credential() {
        for (status, named) in [
            (None, &["it does not answer", "refused", "check the endpoint"][..]),
            (Some("403 Forbidden"), &["the credentials are refused"]),
            (Some("404 Not Found"), &["there is no such bucket"]),
            (Some("301 Moved Permanently"), &["HTTP 301", "check the region"]),
        ] {
            let endpoint = store_that_answers(status).await;
            let store = ObjectStore {
                endpoint_url: endpoint.clone(),
                region: "us-east-1".to_owned(),
                path_style: true,
                access_key_id: "hunter2id".to_owned(),
                secret_access_key: "hunter2".to_owned(),
            };
            let client = Clients::local(&nowhere()).with_object_store(&store).s3;
            let refused =
                check_store(&client, "a-bucket", &endpoint).await.unwrap_err().to_string();
            assert!(refused.contains("a-bucket") && refused.contains(&endpoint), "{refused}");
            assert!(named.iter().all(|name| refused.contains(name)), "{refused}");
            assert!(!refused.contains("hunter2") && !refused.contains("None"), "{refused}");
        }
    }
}
