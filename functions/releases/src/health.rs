//! `GET /v1/releases/{release_id}/health`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_domain::ReleaseId;
use slipway_domain::adoption::ReportDays;
use slipway_domain::outcome::ReleaseHealth as Health;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Query, Result, Route, Scope, get};

/// Tells what became of a release on the clients that were offered it.
///
/// By day and in all: how many were offered it, and what they have reported.
/// Clients report it with decision-outcome. Each counts once, on the day of its last outcome.
/// `offered` is an estimate, of the clients that sent an id with decision: without one, a client is
/// in none of the counts. Counts are kept for 400 days. Whoever makes up client ids is counted too;
/// of outcomes, as far as the limit for a network goes. `halted` says what paused the rollout by itself. Not for credentials that are bound to a tenant.
#[derive(JsonSchema)]
pub struct ReleaseHealth;

/// Parameters of release-health.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HealthDays {
    /// How many days, today included, 1 to 90. Default: 30.
    #[serde(default)]
    days: ReportDays,
}

impl Endpoint for ReleaseHealth {
    const ROUTE: Route =
        get("release-health", "/v1/releases/{release_id}/health").scope(Scope::ReleasesRead);
    type Capabilities = Capabilities<Reader>;
    type Input = (Path<ReleaseId>, Query<HealthDays>);
    type Output = Json<Health>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Query(HealthDays { days })): Self::Input,
    ) -> Result<Self::Output> {
        let (release, outcomes) = ctx.catalog().list_outcomes(&id, ctx.now()).await?;
        let offered = ctx.catalog().list_offered(&id).await?;
        Ok(Json(Health::new(&release, days.first(ctx.now()), outcomes, offered)))
    }
}
