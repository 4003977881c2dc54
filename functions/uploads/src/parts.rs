//! `POST /v1/artifacts/uploads/{upload_id}/parts`

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::upload::{MultipartUpload, URL_LIFETIME, Upload};
use slipway_domain::{Code, Error, Sha256, Timestamp, UploadId};
use slipway_edge::capabilities::{Reader, UploadStore};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, post};
use slipway_storage::{HeldPart, PresignedPut};

/// Limit of URLs per request.
const MAX_URLS: usize = 100;

/// Returns URLs for parts of a multipart upload, and which parts have arrived.
///
/// At most 100 parts a call; without `parts` it only lists what storage holds, so that an
/// interrupted client can resume. Storage refuses bytes that don't match a part's `sha256`.
/// `stale_state` (409) if the upload is not multipart, or its parts have been joined already;
/// `upload_expired` (409) after its lifetime.
#[derive(JsonSchema)]
pub struct UploadParts;

/// Request body of upload-parts, optional.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadPartsRequest {
    /// Parts to presign, at most 100. Default: none, which only lists the parts that have arrived.
    #[serde(default)]
    #[schemars(length(max = 100))]
    parts: Vec<RequestedPart>,
}

/// A part that the client is about to send.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedPart {
    /// Part number, from 1.
    #[schemars(range(min = 1, max = 10_000))]
    part_number: u32,
    /// SHA-256 digest of the part. S3 rejects other bytes.
    sha256: Sha256,
}

/// Presigned PUTs for the requested parts, and the parts that have arrived.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadPartUrls {
    /// Size of every part except the last, in bytes.
    part_size_bytes: u64,
    /// Number of parts of the upload.
    part_count: u32,
    /// Parts that have arrived.
    held: Vec<HeldPart>,
    /// Presigned PUTs for the requested parts.
    urls: Vec<PartUrl>,
    /// Time of expiry of these URLs, RFC 3339, UTC. They can be requested again.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    expires_at: Timestamp,
}

/// A presigned PUT of one part.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PartUrl {
    /// Part number, from 1.
    part_number: u32,
    /// Size of the part in bytes.
    size_bytes: u64,
    /// URL and headers of the request.
    #[serde(flatten)]
    put: PresignedPut,
}

impl Endpoint for UploadParts {
    const ROUTE: Route = post("upload-parts", "/v1/artifacts/uploads/{upload_id}/parts")
        .scope(Scope::ArtifactsWrite);
    type Capabilities = Capabilities<Reader, UploadStore>;
    type Input = (Path<UploadId>, Option<Json<UploadPartsRequest>>);
    type Output = Json<UploadPartUrls>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), wanted): Self::Input,
    ) -> Result<Self::Output> {
        let wanted = wanted.map(|Json(wanted)| wanted).unwrap_or_default().parts;
        let upload = ctx.catalog().get_upload(&id).await?.value;
        upload.require_open(ctx.now())?;
        let plan = upload.multipart.as_ref().ok_or_else(|| {
            Error::new(
                Code::StaleState,
                format!("{id} is not an upload in parts; PUT it to its upload_url"),
            )
        })?;
        check(&wanted, &upload, plan)?;
        let joined = || {
            Error::new(
                Code::StaleState,
                format!("all parts of {id} are joined already; ask upload-complete or upload-get"),
            )
        };
        let held = ctx.storage().list_parts(&id, plan).await?.ok_or_else(joined)?;
        let mut urls = Vec::with_capacity(wanted.len());
        for part in &wanted {
            urls.push(url(ctx, &upload, plan, part).await?);
        }
        let expires_at = ctx.now().saturating_add(URL_LIFETIME).unwrap_or(upload.expires_at);
        Ok(Json(UploadPartUrls {
            part_size_bytes: plan.part_size,
            part_count: plan.part_count,
            held,
            urls,
            expires_at,
        }))
    }
}

fn check(wanted: &[RequestedPart], upload: &Upload, plan: &MultipartUpload) -> Result<()> {
    if wanted.len() > MAX_URLS {
        return Err(Error::invalid(
            "parts",
            format!("at most {MAX_URLS} parts a call, not {}", wanted.len()),
        ));
    }
    let missing =
        wanted.iter().position(|part| plan.size_of(part.part_number, upload.size_bytes).is_none());
    missing.map_or(Ok(()), |index| {
        Err(Error::invalid(
            format!("parts[{index}].part_number"),
            format!("parts are numbered 1 to {}", plan.part_count),
        ))
    })
}

async fn url(
    ctx: &Ctx<Capabilities<Reader, UploadStore>>,
    upload: &Upload,
    plan: &MultipartUpload,
    part: &RequestedPart,
) -> Result<PartUrl> {
    let lifetime = Duration::from_secs(URL_LIFETIME.unsigned_abs().as_secs());
    let put =
        ctx.storage().presign_part(upload, plan, part.part_number, &part.sha256, lifetime).await?;
    let size_bytes = plan.size_of(part.part_number, upload.size_bytes).unwrap_or_default();
    Ok(PartUrl { part_number: part.part_number, size_bytes, put })
}
