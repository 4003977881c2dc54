//! `POST /v1/artifacts/uploads/{upload_id}/parts`: URLs for the parts of an upload.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::upload::{MultipartUpload, URL_LIFETIME, Upload};
use slipway_domain::{Code, Error, Sha256, Timestamp, UploadId};
use slipway_edge::capabilities::Receive;
use slipway_edge::{Ctx, Endpoint, Json, Path, Result, Route, Scope, post};
use slipway_storage::{HeldPart, PresignedPut};

/// The most URLs that one call hands out.
const MAX_URLS: usize = 100;

/// Hands out URLs for parts, and tells which parts storage holds already, so that a client resumes
/// after an interruption.
pub struct UploadParts;

/// Which parts are wanted.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadPartsRequest {
    /// The parts to hand out URLs for, at most 100; none just asks what is held.
    #[serde(default)]
    #[schemars(length(max = 100))]
    parts: Vec<RequestedPart>,
}

/// A part that a client is about to send.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestedPart {
    /// Its number, from 1.
    #[schemars(range(min = 1, max = 10_000))]
    part_number: u32,
    /// Digest of its bytes: storage refuses others.
    sha256: Sha256,
}

/// Where to send parts, and what is there.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadPartUrls {
    /// Length of every part but the last.
    part_size_bytes: u64,
    /// How many parts there are in all.
    part_count: u32,
    /// What storage holds.
    held: Vec<HeldPart>,
    /// Where to PUT the wanted parts.
    urls: Vec<PartUrl>,
    /// When these URLs stop working; ask again for others.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    expires_at: Timestamp,
}

/// Where to send a part.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PartUrl {
    /// Its number.
    part_number: u32,
    /// Its length.
    size_bytes: u64,
    /// Where to.
    #[serde(flatten)]
    put: PresignedPut,
}

impl Endpoint for UploadParts {
    const ROUTE: Route = post(
        "upload-parts",
        "/v1/artifacts/uploads/{upload_id}/parts",
        "URLs for the parts of an upload, and which parts are there.",
    )
    .scope(Scope::ArtifactsWrite);
    type Capabilities = Receive;
    type Input = (Path<UploadId>, Option<Json<UploadPartsRequest>>);
    type Output = Json<UploadPartUrls>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), wanted): Self::Input,
    ) -> Result<Self::Output> {
        let wanted = wanted.map(|Json(wanted)| wanted).unwrap_or_default().parts;
        let upload = ctx.catalog().visible_upload(&id, ctx.principal()).await?.value;
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
        let held = ctx.storage().held(&id, plan).await?.ok_or_else(joined)?;
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
    ctx: &Ctx<Receive>,
    upload: &Upload,
    plan: &MultipartUpload,
    part: &RequestedPart,
) -> Result<PartUrl> {
    let lifetime = Duration::from_secs(URL_LIFETIME.unsigned_abs().as_secs());
    let put = ctx.storage().part(upload, plan, part.part_number, &part.sha256, lifetime).await?;
    let size_bytes = plan.size_of(part.part_number, upload.size_bytes).unwrap_or_default();
    Ok(PartUrl { part_number: part.part_number, size_bytes, put })
}
