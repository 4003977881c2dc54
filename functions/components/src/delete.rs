//! `DELETE /api/v1/components/{id}`

use schemars::JsonSchema;
use slipway_composition::{Component, ComponentId};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{
    Capabilities, Ctx, Endpoint, FunctionSize, NoContent, Path, Result, Route, Scope, delete,
};

/// Deletes a component, and its version maps with it.
///
/// Its name may be taken again. Honours `If-Match`: `precondition_failed` (412) if the component
/// has changed since.
#[derive(JsonSchema)]
pub struct ComponentDelete;

impl Endpoint for ComponentDelete {
    const ROUTE: Route = delete("component-delete", "/api/v1/components/{id}")
        .scope(Scope::BundlesWrite)
        .conditional();
    // A component of thousands of tags has as many rows to be deleted.
    const SIZE: FunctionSize = FunctionSize { timeout_seconds: 29, ..FunctionSize::REQUEST };
    const WRITES: &[Entity] = &[Entity::Component, Entity::VersionMap];
    type Capabilities = Capabilities<Writer>;
    type Input = Path<ComponentId>;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let (audit, check) = (ctx.audit()?, |seen: &Component| ctx.require_match(seen));
        let mut has_rows = ctx.catalog().delete_component(&id, check, &audit).await?;
        // The component is deleted, whatever comes of the rows that nothing leads to any more.
        while has_rows && !ctx.deadline().has_passed() {
            has_rows = ctx.catalog().delete_versions_of(&id).await.unwrap_or_default();
        }
        Ok(NoContent)
    }
}
