//! `CreateBucket`, `HeadBucket`.

use s3s::{
    S3Request, S3Response,
    dto::{CreateBucketInput, CreateBucketOutput, HeadBucketInput, HeadBucketOutput},
};

use super::Service;
use crate::{REGION, error::Outcome};

impl Service {
    pub(super) async fn on_create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> Outcome<S3Response<CreateBucketOutput>> {
        let bucket = request.input.bucket;
        let location = format!("/{bucket}");
        self.store.run(move |store| store.write(|writing| writing.create_bucket(&bucket))).await?;
        Ok(S3Response::new(CreateBucketOutput { location: Some(location) }))
    }

    pub(super) async fn on_head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> Outcome<S3Response<HeadBucketOutput>> {
        let bucket = request.input.bucket;
        self.store.run(move |store| store.require_bucket(&bucket)).await?;
        let output = HeadBucketOutput {
            bucket_region: Some(REGION.to_owned()),
            ..HeadBucketOutput::default()
        };
        Ok(S3Response::new(output))
    }
}
