//! The operations of S3, each where its group is.

mod buckets;
mod checksums;
mod copy;
mod delete;
mod get;
mod list;
mod multipart;
mod parts;
mod put;
mod receive;

use http::StatusCode;
use s3s::{S3, S3Request, S3Response, S3Result, dto};

use crate::Store;

/// The largest object or part that one request may bring, and the largest object that one request
/// may copy.
const MAX_IN_ONE_REQUEST: u64 = 5 * 1024 * 1024 * 1024;

/// An extension of responses: the status to answer with, where the protocol layer would choose
/// another.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StatusOverride(pub(crate) StatusCode);

/// The store behind the protocol.
pub(crate) struct Service {
    store: Store,
}

impl Service {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }
}

/// Writes out the trait: every operation is the method of the same name in its module, called
/// `on_…`.
macro_rules! operations {
    ($($operation:ident => $handler:ident: $input:ident -> $output:ident,)+) => {
        #[async_trait::async_trait]
        impl S3 for Service {
            $(async fn $operation(&self, request: S3Request<dto::$input>) -> S3Result<S3Response<dto::$output>> {
                Ok(self.$handler(request).await?)
            })+
        }
    };
}

operations! {
    create_bucket => on_create_bucket: CreateBucketInput -> CreateBucketOutput,
    head_bucket => on_head_bucket: HeadBucketInput -> HeadBucketOutput,
    put_object => on_put_object: PutObjectInput -> PutObjectOutput,
    get_object => on_get_object: GetObjectInput -> GetObjectOutput,
    head_object => on_head_object: HeadObjectInput -> HeadObjectOutput,
    copy_object => on_copy_object: CopyObjectInput -> CopyObjectOutput,
    delete_object => on_delete_object: DeleteObjectInput -> DeleteObjectOutput,
    delete_objects => on_delete_objects: DeleteObjectsInput -> DeleteObjectsOutput,
    create_multipart_upload => on_create_multipart_upload: CreateMultipartUploadInput -> CreateMultipartUploadOutput,
    upload_part => on_upload_part: UploadPartInput -> UploadPartOutput,
    upload_part_copy => on_upload_part_copy: UploadPartCopyInput -> UploadPartCopyOutput,
    list_parts => on_list_parts: ListPartsInput -> ListPartsOutput,
    complete_multipart_upload => on_complete_multipart_upload: CompleteMultipartUploadInput -> CompleteMultipartUploadOutput,
    abort_multipart_upload => on_abort_multipart_upload: AbortMultipartUploadInput -> AbortMultipartUploadOutput,
    list_multipart_uploads => on_list_multipart_uploads: ListMultipartUploadsInput -> ListMultipartUploadsOutput,
    list_objects_v2 => on_list_objects_v2: ListObjectsV2Input -> ListObjectsV2Output,
}
