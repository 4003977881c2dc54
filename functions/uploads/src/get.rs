//! `GET /v1/artifacts/uploads/{upload_id}`

use schemars::JsonSchema;
use slipway_domain::UploadId;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};

use crate::view::UploadView;

/// Returns the state of an upload.
///
/// `artifact_id` is null until the upload is `available`; `failure` says why an upload failed and
/// is null otherwise.
#[derive(JsonSchema)]
pub struct UploadGet;

impl Endpoint for UploadGet {
    const ROUTE: Route =
        get("upload-get", "/v1/artifacts/uploads/{upload_id}").scope(Scope::ArtifactsWrite);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<UploadId>;
    type Output = Json<UploadView>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        Ok(Json(UploadView::of(ctx.catalog().get_upload(&id).await?.value, ctx.now())))
    }
}
