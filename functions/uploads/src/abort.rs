//! `DELETE /v1/artifacts/uploads/{upload_id}`: gives an upload up.

use slipway_domain::UploadId;
use slipway_domain::upload::UploadStatus;
use slipway_edge::capabilities::Receive;
use slipway_edge::{Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

use crate::view::UploadView;

/// Gives an upload up, and deletes what has arrived. What has become an artifact stays one. Honours
/// `If-Match`.
pub struct UploadAbort;

impl Endpoint for UploadAbort {
    const ROUTE: Route = delete(
        "upload-abort",
        "/v1/artifacts/uploads/{upload_id}",
        "Gives an upload up; honours If-Match.",
    )
    .scope(Scope::ArtifactsWrite);
    type Capabilities = Receive;
    type Input = Path<UploadId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let mut upload = ctx.catalog().visible_upload(&id, ctx.principal()).await?;
        ctx.require_match(&UploadView::of(upload.value.clone(), ctx.now()))?;
        if upload.value.is_open() {
            upload = ctx.catalog().abort_upload(upload, &ctx.audit()?).await?;
        }
        if upload.value.status != UploadStatus::Aborted {
            upload.value.require_open(ctx.now())?;
        }
        if let Some(plan) = &upload.value.multipart {
            ctx.storage().abort(&id, plan).await?;
        }
        ctx.storage().discard(&id).await?;
        Ok(NoContent)
    }
}
