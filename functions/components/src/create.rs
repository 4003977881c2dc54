//! `POST /api/v1/components`

use schemars::JsonSchema;
use slipway_composition::{Component, NewComponent};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Creates a component: a repository of container images in a registry.
///
/// `name_exists` (409) if another component has the name; `limit_reached` (409) if there are 1000;
/// `unknown_integration` (422) if there is no integration of type `registry.oci` with this id. The
/// repository itself is not looked up: component-sync-versions does that.
#[derive(JsonSchema)]
pub struct ComponentCreate;

impl Endpoint for ComponentCreate {
    const ROUTE: Route =
        post("component-create", "/api/v1/components").scope(Scope::BundlesWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Component, Entity::Integration];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewComponent>;
    type Output = Created<Component>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let component = new.create(ctx.now(), ctx.generate_id()?, ctx.principal().actor())?;
        let location = format!("/api/v1/components/{}", component.id);
        let created = Created::at(location, component);
        ctx.catalog().create_component(created.resource(), &ctx.audit_with(&created)?).await?;
        Ok(created)
    }
}
