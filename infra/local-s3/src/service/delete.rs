//! `DeleteObject`, `DeleteObjects`.

use s3s::{
    S3Error, S3Request, S3Response,
    dto::{
        self, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput,
        DeletedObject, ETagCondition, ObjectIdentifier,
    },
};

use super::Service;
use crate::{
    error::{Outcome, StoreError},
    refusals,
    store::{StoreInner, WriteConditions},
};

/// How many keys one request may delete.
const MAX_KEYS: usize = 1000;

impl Service {
    pub(super) async fn on_delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> Outcome<S3Response<DeleteObjectOutput>> {
        let input = request.input;
        refuse_versions(input.version_id.as_deref())?;
        let conditions = WriteConditions { if_match: input.if_match, if_none_match: None };
        self.store
            .run(move |store| {
                store.write(|writing| writing.delete(&input.bucket, &input.key, &conditions))
            })
            .await?;
        Ok(S3Response::new(DeleteObjectOutput::default()))
    }

    pub(super) async fn on_delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> Outcome<S3Response<DeleteObjectsOutput>> {
        let DeleteObjectsInput { bucket, delete, .. } = request.input;
        if delete.objects.is_empty() || delete.objects.len() > MAX_KEYS {
            return Err(refusals::malformed_xml().into());
        }
        let is_quiet = delete.quiet.unwrap_or(false);
        let output = self
            .store
            .run(move |store| delete_all(store, &bucket, delete.objects, is_quiet))
            .await?;
        Ok(S3Response::new(output))
    }
}

fn refuse_versions(version: Option<&str>) -> Outcome<()> {
    if version.is_some_and(|version| version != "null") {
        return Err(refusals::no_such_version().into());
    }
    Ok(())
}

/// Every key has its own fate, and its own transaction: one refused does not keep the others.
fn delete_all(
    store: &StoreInner,
    bucket: &str,
    objects: Vec<ObjectIdentifier>,
    is_quiet: bool,
) -> Outcome<DeleteObjectsOutput> {
    store.require_bucket(bucket)?;
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in objects {
        let key = object.key.clone();
        match delete_one(store, bucket, object) {
            Ok(()) if is_quiet => {}
            Ok(()) => deleted.push(DeletedObject { key: Some(key), ..DeletedObject::default() }),
            Err(StoreError::Refused(refusal)) => errors.push(error_of(key, &refusal)),
            Err(broken @ StoreError::Broken(_)) => return Err(broken),
        }
    }
    Ok(DeleteObjectsOutput {
        deleted: Some(deleted),
        errors: Some(errors),
        ..DeleteObjectsOutput::default()
    })
}

fn delete_one(store: &StoreInner, bucket: &str, object: ObjectIdentifier) -> Outcome<()> {
    refuse_versions(object.version_id.as_deref())?;
    let conditions =
        WriteConditions { if_match: object.e_tag.map(ETagCondition::ETag), if_none_match: None };
    store.write(|writing| writing.delete(bucket, &object.key, &conditions))
}

fn error_of(key: String, refusal: &S3Error) -> dto::Error {
    dto::Error {
        key: Some(key),
        code: Some(refusal.code().as_str().to_owned()),
        message: refusal.message().map(str::to_owned),
        ..dto::Error::default()
    }
}
