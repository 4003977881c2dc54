//! Presigned URLs that read an object.

use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;
use slipway_domain::{Error, Result};

use crate::bucket::{Bucket, failed};

/// Validity of the URL. It limits the start of a download, not its duration.
const LIFETIME: Duration = Duration::from_mins(15);

/// The method that a URL is for. S3 signs it with the URL: a client that follows the redirect of a
/// HEAD with HEAD is refused at a URL for GET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadMethod {
    /// GET
    Get,
    /// HEAD
    Head,
}

/// Headers that S3 answers with, whatever the object was stored with.
pub(crate) struct ResponseHeaders {
    pub(crate) content_type: &'static str,
    pub(crate) content_disposition: Option<String>,
}

/// A presigned URL of the object `key`. No call is made. Both methods take `s3:GetObject`.
pub(crate) async fn presign_read(
    bucket: &Bucket,
    key: String,
    method: ReadMethod,
    headers: ResponseHeaders,
) -> Result<String> {
    let lifetime = PresigningConfig::expires_in(LIFETIME).map_err(Error::internal)?;
    let ResponseHeaders { content_type, content_disposition } = headers;
    let presigned = match method {
        ReadMethod::Get => {
            let get = bucket.client.get_object().bucket(&bucket.name).key(key);
            let get = get.response_content_type(content_type);
            let get = get.set_response_content_disposition(content_disposition);
            get.presigned(lifetime).await.map_err(failed)?
        }
        ReadMethod::Head => {
            let head = bucket.client.head_object().bucket(&bucket.name).key(key);
            let head = head.response_content_type(content_type);
            let head = head.set_response_content_disposition(content_disposition);
            head.presigned(lifetime).await.map_err(failed)?
        }
    };
    Ok(presigned.uri().to_owned())
}
