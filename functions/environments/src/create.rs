//! `POST /api/v1/environments`

use schemars::JsonSchema;
use slipway_composition::{Environment, NewEnvironment};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Creates an environment, which release bundles can be promoted to.
///
/// `name_exists` (409) if another environment has the name; `limit_reached` (409) if there are 100.
#[derive(JsonSchema)]
pub struct EnvironmentCreate;

impl Endpoint for EnvironmentCreate {
    const ROUTE: Route =
        post("environment-create", "/api/v1/environments").scope(Scope::AdminWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Environment];
    type Capabilities = Capabilities<Writer>;
    type Input = Json<NewEnvironment>;
    type Output = Created<Environment>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Json(new): Self::Input) -> Result<Self::Output> {
        let environment = new.create(ctx.now(), ctx.generate_id()?, ctx.principal().actor())?;
        let location = format!("/api/v1/environments/{}", environment.id);
        let created = Created::at(location, environment);
        ctx.catalog().create_environment(created.resource(), &ctx.audit_with(&created)?).await?;
        Ok(created)
    }
}
