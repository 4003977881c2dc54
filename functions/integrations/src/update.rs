//! `PUT /api/v1/integrations/{id}`

use schemars::JsonSchema;
use slipway_composition::{Integration, IntegrationId, IntegrationSettings};
use slipway_edge::capabilities::{Entity, IntegrationRules, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, put};

/// Sets an integration to the body, as a whole, and returns the integration.
///
/// `name_exists` (409) if another integration has the name, `stale_state` (409) for another `type`
/// while a component names it. What is refused at `endpoint` and the references to secrets is as in
/// integration-create. Honours `If-Match`: `precondition_failed` (412) if the integration has changed
/// since.
#[derive(JsonSchema)]
pub struct IntegrationUpdate;

impl Endpoint for IntegrationUpdate {
    const ROUTE: Route = put("integration-update", "/api/v1/integrations/{id}")
        .scope(Scope::AdminWrite)
        .conditional();
    const WRITES: &[Entity] = &[Entity::Integration];
    type Capabilities = Capabilities<Writer, (), IntegrationRules>;
    type Input = (Path<IntegrationId>, Json<IntegrationSettings>);
    type Output = Json<Integration>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (Path(id), Json(settings)): Self::Input,
    ) -> Result<Self::Output> {
        ctx.integration_rules().require_allowed(&settings)?;
        let (audit, check) = (ctx.audit()?, |seen: &Integration| ctx.require_match(seen));
        Ok(Json(ctx.catalog().update_integration(&id, &settings, check, &audit).await?))
    }
}
