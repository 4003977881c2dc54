//! `DELETE /v1/artifacts/uploads/{upload_id}`

use schemars::JsonSchema;
use slipway_domain::UploadId;
use slipway_domain::upload::UploadStatus;
use slipway_edge::capabilities::{Entity, UploadStore, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

use crate::view::UploadView;

/// Aborts an upload and deletes the bytes that have arrived.
///
/// Repeating it is safe. `stale_state` (409) once the upload has become an artifact. Honours
/// `If-Match`: `precondition_failed` (412) if the upload has changed since.
#[derive(JsonSchema)]
pub struct UploadAbort;

impl Endpoint for UploadAbort {
    const ROUTE: Route = delete("upload-abort", "/v1/artifacts/uploads/{upload_id}")
        .scope(Scope::ArtifactsWrite)
        .conditional();
    const WRITES: &[Entity] = &[Entity::Upload];
    type Capabilities = Capabilities<Writer, UploadStore>;
    type Input = Path<UploadId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let mut upload = ctx.catalog().get_upload(&id).await?;
        ctx.require_match(&UploadView::of(upload.value.clone(), ctx.now()))?;
        if upload.value.is_open() {
            upload = ctx.catalog().abort_upload(upload, &ctx.audit()?).await?;
        }
        if upload.value.status != UploadStatus::Aborted {
            upload.value.require_open(ctx.now())?;
        }
        if let Some(plan) = &upload.value.multipart {
            ctx.storage().abort_multipart_upload(&id, plan).await?;
        }
        ctx.storage().delete_object(&id).await?;
        Ok(NoContent)
    }
}
