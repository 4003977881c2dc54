//! `POST /v1/mirrors/{mirror_id}/report`: a mirror says how it fares.

use slipway_domain::MirrorId;
use slipway_domain::mirror::{MirrorView, Report};
use slipway_edge::power::ReadWrite;
use slipway_edge::{Ctx, Endpoint, Json, Path, Result, Route, Scope, post};

/// Takes what a mirror says of itself after a sync. The mirror's credential is bound to its tenant.
pub struct MirrorReport;

impl Endpoint for MirrorReport {
    const ROUTE: Route = post("mirror-report", "/v1/mirrors/{mirror_id}/report", "Takes what a mirror says of itself after a sync.")
        .scope(Scope::MirrorsRead);
    type Power = ReadWrite;
    type Input = (Path<MirrorId>, Json<Report>);
    type Output = Json<MirrorView>;

    async fn handle(ctx: &Ctx<Self::Power>, (Path(id), Json(report)): Self::Input) -> Result<Self::Output> {
        report.check()?;
        let mirror = ctx.catalog().report(&id, &report, ctx.principal(), &ctx.deed()?).await?;
        Ok(Json(mirror.view(ctx.now())))
    }
}
