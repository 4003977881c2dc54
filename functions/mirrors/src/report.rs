//! `POST /v1/mirrors/{mirror_id}/report`

use schemars::JsonSchema;
use slipway_domain::MirrorId;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, post};
use slipway_snapshot::mirror::{MirrorReport, MirrorView};

/// Records the outcome of a mirror's sync and returns the mirror's state.
///
/// Posted by the mirror after each sync, whether it succeeded or failed. The mirror's token must be
/// bound to the mirror's tenant: otherwise `not_found` (404).
#[derive(JsonSchema)]
pub struct MirrorReportPost;

impl Endpoint for MirrorReportPost {
    const ROUTE: Route =
        post("mirror-report", "/v1/mirrors/{mirror_id}/report").scope(Scope::MirrorsRead);
    const WRITES: &[Entity] = &[Entity::Mirror];
    type Capabilities = Capabilities<Writer>;
    type Input = (Path<MirrorId>, Json<MirrorReport>);
    type Output = Json<MirrorView>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(report)): Self::Input,
    ) -> Result<Self::Output> {
        report.check()?;
        let mirror = ctx.catalog().record_mirror_report(&id, &report, &ctx.audit()?).await?;
        Ok(Json(mirror.view(ctx.now())))
    }
}
