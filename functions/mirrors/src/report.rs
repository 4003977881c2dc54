//! `POST /v1/mirrors/{mirror_id}/report`: a mirror says how it fares.

use slipway_domain::MirrorId;
use slipway_edge::capabilities::ReadWrite;
use slipway_edge::{Ctx, Endpoint, Json, Path, Result, Route, Scope, post};
use slipway_snapshot::mirror::{MirrorReport, MirrorView};

/// Takes what a mirror says of itself after a sync. The mirror's credential is bound to its tenant.
pub struct MirrorReportPost;

impl Endpoint for MirrorReportPost {
    const ROUTE: Route = post(
        "mirror-report",
        "/v1/mirrors/{mirror_id}/report",
        "Takes what a mirror says of itself after a sync.",
    )
    .scope(Scope::MirrorsRead);
    type Capabilities = ReadWrite;
    type Input = (Path<MirrorId>, Json<MirrorReport>);
    type Output = Json<MirrorView>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(report)): Self::Input,
    ) -> Result<Self::Output> {
        report.check()?;
        let mirror = ctx.catalog().report(&id, &report, ctx.principal(), &ctx.audit()?).await?;
        Ok(Json(mirror.view(ctx.now())))
    }
}
