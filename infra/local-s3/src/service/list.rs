//! `ListObjectsV2`.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use s3s::{
    S3Request, S3Response,
    dto::{self, ListObjectsV2Input, ListObjectsV2Output},
};

use super::Service;
use crate::{
    error::Outcome,
    refusals,
    store::{Listing, ListingQuery, Object, just_after},
};

/// How many keys a page has at most, and if the client does not say.
const MAX_KEYS: i32 = 1000;

impl Service {
    pub(super) async fn on_list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> Outcome<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        let limit = limit(input.max_keys)?;
        let query = query(&input, limit)?;
        let (query, listing) = self
            .store
            .run(move |store| {
                let listing = store.list(&query)?;
                Ok((query, listing))
            })
            .await?;
        Ok(S3Response::new(output(input, limit, &query, listing)))
    }
}

fn limit(max_keys: Option<i32>) -> Outcome<i32> {
    match max_keys.unwrap_or(MAX_KEYS) {
        ..0 => Err(refusals::invalid_argument("max-keys must not be negative").into()),
        keys => Ok(keys.min(MAX_KEYS)),
    }
}

fn query(input: &ListObjectsV2Input, limit: i32) -> Outcome<ListingQuery> {
    let from = match (&input.continuation_token, &input.start_after) {
        (Some(token), _) => continued(token)?,
        (None, Some(key)) => just_after(key),
        (None, None) => String::new(),
    };
    let encoding = input.encoding_type.as_ref();
    Ok(ListingQuery {
        bucket: input.bucket.clone(),
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        from,
        limit: usize::try_from(limit).unwrap_or_default(),
        url_encoded: encoding.is_some_and(|encoding| encoding.as_str() == dto::EncodingType::URL),
    })
}

/// The key a page begins at; tokens are opaque to clients.
fn continued(token: &str) -> Outcome<String> {
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
    let key = String::from_utf8(bytes).ok().filter(|key| !key.is_empty());
    Ok(key.ok_or_else(|| {
        refusals::invalid_argument("The continuation token provided is incorrect")
    })?)
}

fn output(
    input: ListObjectsV2Input,
    limit: i32,
    query: &ListingQuery,
    listing: Listing,
) -> ListObjectsV2Output {
    ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(query.shown(&query.prefix)),
        delimiter: input.delimiter.map(|delimiter| query.shown(&delimiter)),
        start_after: input.start_after.map(|key| query.shown(&key)),
        encoding_type: input.encoding_type,
        max_keys: Some(limit),
        key_count: i32::try_from(listing.len()).ok(),
        continuation_token: input.continuation_token,
        is_truncated: Some(listing.next.is_some()),
        next_continuation_token: listing.next.map(|key| URL_SAFE_NO_PAD.encode(key)),
        contents: Some(
            listing.objects.iter().map(|(key, object)| entry(query.shown(key), object)).collect(),
        ),
        common_prefixes: Some(
            listing
                .common_prefixes
                .iter()
                .map(|prefix| dto::CommonPrefix { prefix: Some(query.shown(prefix)) })
                .collect(),
        ),
        ..ListObjectsV2Output::default()
    }
}

fn entry(key: String, object: &Object) -> dto::Object {
    dto::Object {
        key: Some(key),
        size: i64::try_from(object.size).ok(),
        e_tag: Some(dto::ETag::Strong(object.etag.clone())),
        last_modified: Some(object.modified()),
        checksum_algorithm: Some(vec![dto::ChecksumAlgorithm::from_static(
            object.checksum.checksum.algorithm.name(),
        )]),
        checksum_type: Some(super::checksums::kind(&object.checksum)),
        storage_class: Some(dto::ObjectStorageClass::from_static(
            dto::ObjectStorageClass::STANDARD,
        )),
        ..dto::Object::default()
    }
}
