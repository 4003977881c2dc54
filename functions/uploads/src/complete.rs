//! `POST /v1/artifacts/uploads/{upload_id}/complete`

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use slipway_catalog::Stored;
use slipway_domain::upload::{Upload, UploadStatus};
use slipway_domain::{Code, Error, Sha256, UploadId};
use slipway_edge::capabilities::{Entity, UploadVerifier, Writer};
use slipway_edge::{
    Capabilities, CompletedOrAccepted, Ctx, Endpoint, FunctionSize, Json, Path, Result, Route,
    Scope, post,
};

use crate::finish::{FinishOutcome, VerificationBudget, finish};
use crate::view::UploadView;

/// Limits of what is hashed or copied while the client waits: a few seconds' work. The job that
/// S3's event triggers does the rest.
const WHILE_WAITING: VerificationBudget =
    VerificationBudget::AtMost { read: 256 << 20, copied: 1 << 30 };

/// What verifying an upload may touch.
type Verify = Capabilities<Writer, UploadVerifier>;

/// Verifies an upload and makes an artifact of it.
///
/// 200 when the artifact is available; 202 while a large file is still being verified, to be
/// followed with `upload-get`. Storage's own event does the same some seconds after the bytes
/// arrive, so the call is optional, and repeating it is safe. `upload_incomplete` (409) while bytes
/// are missing, with the missing parts in `details`. `checksum_mismatch` (409) is final, except
/// where only the `checksum` in the request is wrong: then the upload stays open.
#[derive(JsonSchema)]
pub struct UploadComplete;

/// Request body of upload-complete, optional.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadCompletion {
    /// SHA-256 digest of the bytes; must equal the declared one. Default: not compared.
    checksum: Option<Sha256>,
}

impl Endpoint for UploadComplete {
    const ROUTE: Route = post("upload-complete", "/v1/artifacts/uploads/{upload_id}/complete")
        .scope(Scope::ArtifactsWrite);
    const WRITES: &[Entity] = &[Entity::Artifact, Entity::Upload];
    const SIZE: FunctionSize = FunctionSize::HEAVY_REQUEST;
    type Capabilities = Verify;
    type Input = (Path<UploadId>, Option<Json<UploadCompletion>>);
    type Output = CompletedOrAccepted<UploadView>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), claim): Self::Input,
    ) -> Result<Self::Output> {
        let upload = ctx.catalog().get_upload(&id).await?;
        check(&upload.value, claim.and_then(|Json(claim)| claim.checksum))?;
        close(ctx, &upload.value).await?;
        match finish(ctx, upload, WHILE_WAITING).await? {
            FinishOutcome::Ended(upload) => ended(ctx, upload),
            FinishOutcome::Verifying(upload) | FinishOutcome::Overtaken(upload) => {
                Ok(CompletedOrAccepted::Accepted(UploadView::of(upload.value, ctx.now())))
            }
            FinishOutcome::Waiting(upload) => {
                upload.value.require_open(ctx.now())?;
                Err(Error::new(
                    Code::UploadIncomplete,
                    format!("nothing has arrived for {id}; PUT the file to its upload_url first"),
                ))
            }
        }
    }
}

fn check(upload: &Upload, claimed: Option<Sha256>) -> Result<()> {
    let Some(claimed) = claimed.filter(|claimed| *claimed != upload.sha256) else { return Ok(()) };
    let message = format!(
        "the checksum is not the announced one, {}; the upload was left as it is",
        upload.sha256
    );
    let details = json!({ "expected_sha256": upload.sha256, "actual_sha256": claimed });
    Err(Error::new(Code::ChecksumMismatch, message).at("checksum").with(details))
}

/// Completes the multipart upload of an open upload, once all parts have arrived.
async fn close(ctx: &Ctx<Verify>, upload: &Upload) -> Result<()> {
    let Some(plan) = upload.multipart.as_ref().filter(|_| upload.is_open()) else { return Ok(()) };
    let uploads = ctx.storage().uploads();
    // Closed already: by a call before, whose answer may have got lost.
    let Some(held) = uploads.list_parts(&upload.upload_id, plan).await? else { return Ok(()) };
    let missing: Vec<_> = (1..=plan.part_count)
        .filter(|number| held.iter().all(|part| part.part_number != *number))
        .take(20)
        .collect();
    if missing.is_empty() {
        return uploads.complete_multipart_upload(&upload.upload_id, plan, &held).await;
    }
    let message = format!(
        "{} of {} parts are there; send the others, see upload-parts",
        held.len(),
        plan.part_count
    );
    Err(Error::new(Code::UploadIncomplete, message).with(json!({ "missing_parts": missing })))
}

fn ended(
    ctx: &Ctx<Verify>,
    Stored { value: upload, .. }: Stored<Upload>,
) -> Result<CompletedOrAccepted<UploadView>> {
    match (upload.status, &upload.failure) {
        (UploadStatus::Available, _) => {
            Ok(CompletedOrAccepted::Completed(UploadView::of(upload, ctx.now())))
        }
        (_, Some(failure)) => Err(failure.refusal(&upload.upload_id)),
        _ => Err(Error::new(
            Code::StaleState,
            format!("{} was aborted; initiate a new upload", upload.upload_id),
        )),
    }
}
