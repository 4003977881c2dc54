//! `POST /v1/artifacts/uploads`

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::upload::{MultipartUpload, NewUpload, URL_LIFETIME, Upload, UploadStatus};
use slipway_domain::{Timestamp, UploadId};
use slipway_edge::capabilities::{Entity, UploadStore, Writer};
use slipway_edge::{
    Capabilities, Created, Ctx, Endpoint, Expiring, Json, Result, Route, Scope, post,
};
use slipway_storage::PresignedPut;

/// Starts an upload and returns the URLs to send the bytes to.
///
/// Up to 5 GiB the file is sent with a single PUT: to `upload_url`, which accepts any bytes and
/// hashes them afterwards, or to `checked_upload`, where storage itself refuses bytes that don't
/// match the announced size and SHA-256. Larger files, and any file with `"multipart": true`, are
/// sent in parts: the two URLs are null and `multipart` says how to cut the file; `upload-parts`
/// returns the URLs. `stale_state` (409) for an `Idempotency-Key` whose upload or URLs have ended.
#[derive(JsonSchema)]
pub struct UploadInitiate;

/// A new upload: where to send the bytes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InitiatedUpload {
    /// Id of the upload.
    upload_id: UploadId,
    /// Always `pending`.
    status: UploadStatus,
    /// Presigned URL for `curl -X PUT --data-binary @file`, without an `Authorization` header. The
    /// bytes are hashed after they arrive. Null for an upload in parts.
    #[schemars(extend("format" = "uri"))]
    upload_url: Option<String>,
    /// Presigned PUT with signed headers: S3 rejects other bytes than the declared ones. A store that
    /// checks no SHA-256 rejects another length, and the digest is compared by upload-complete.
    /// Preferable if the client can set headers. Null for an upload in parts.
    checked_upload: Option<PresignedPut>,
    /// Part layout; request the URLs with upload-parts. Null for a single PUT.
    multipart: Option<PartPlan>,
    /// Time of expiry, RFC 3339, UTC: bytes that arrive later are rejected.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    expires_at: Timestamp,
}

/// Layout of an upload in parts.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PartPlan {
    /// Size of every part except the last, in bytes.
    part_size_bytes: u64,
    /// Number of parts.
    part_count: u32,
}

impl Endpoint for UploadInitiate {
    const ROUTE: Route =
        post("upload-initiate", "/v1/artifacts/uploads").scope(Scope::ArtifactsWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Upload];
    type Capabilities = Capabilities<Writer, UploadStore>;
    type Input = Json<NewUpload>;
    type Output = Expiring<Created<InitiatedUpload>>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        ctx.storage().require_bucket()?;
        let upload_id: UploadId = ctx.generate_id()?;
        let multipart = match new.parts()? {
            Some((part_size, part_count)) => Some(MultipartUpload {
                s3_upload_id: ctx.storage().create_multipart_upload(&upload_id).await?,
                part_size,
                part_count,
            }),
            None => None,
        };
        let upload = new.initiate(
            ctx.now(),
            (upload_id, ctx.generate_id()?),
            multipart,
            ctx.principal().actor(),
        );
        let location = format!("/v1/artifacts/uploads/{}", upload.upload_id);
        let created = Created::at(location, initiated(ctx, &upload).await?);
        let created = Expiring::at(upload.expires_at, created);
        ctx.catalog().create_upload(&upload, &ctx.audit_with(&created)?).await?;
        Ok(created)
    }
}

async fn initiated(
    ctx: &Ctx<Capabilities<Writer, UploadStore>>,
    upload: &Upload,
) -> Result<InitiatedUpload> {
    let in_parts = upload.multipart.is_some();
    let lifetime = Duration::from_secs(URL_LIFETIME.unsigned_abs().as_secs());
    Ok(InitiatedUpload {
        status: upload.status,
        upload_url: if in_parts {
            None
        } else {
            Some(ctx.storage().presign_put(&upload.upload_id, lifetime).await?)
        },
        checked_upload: if in_parts {
            None
        } else {
            Some(ctx.storage().presign_checked_put(upload, lifetime).await?)
        },
        multipart: upload
            .multipart
            .as_ref()
            .map(|plan| PartPlan { part_size_bytes: plan.part_size, part_count: plan.part_count }),
        expires_at: upload.expires_at,
        upload_id: upload.upload_id.clone(),
    })
}
