//! `DELETE /api/v1/integrations/{id}`

use schemars::JsonSchema;
use slipway_composition::{Integration, IntegrationId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, NoContent, Path, Result, Route, Scope, delete};

/// Deletes an integration.
///
/// Its name may be taken again. `stale_state` (409) while a component names it. Honours `If-Match`:
/// `precondition_failed` (412) if the integration has changed since.
#[derive(JsonSchema)]
pub struct IntegrationDelete;

impl Endpoint for IntegrationDelete {
    const ROUTE: Route = delete("integration-delete", "/api/v1/integrations/{id}")
        .scope(Scope::AdminWrite)
        .conditional();
    const WRITES: &[Entity] = &[Entity::Integration];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<IntegrationId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let (audit, check) = (ctx.audit()?, |seen: &Integration| ctx.require_match(seen));
        ctx.catalog().delete_integration(&id, check, &audit).await?;
        Ok(NoContent)
    }
}
