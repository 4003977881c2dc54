//! `POST /api/v1/integrations`

use schemars::JsonSchema;
use slipway_composition::{Integration, IntegrationSettings};
use slipway_edge::capabilities::{Entity, IntegrationRules, Writer};
use slipway_edge::{Capabilities, Created, Ctx, Endpoint, Json, Result, Route, Scope, post};

/// Creates an integration with a container registry or with GitHub.
///
/// Of its secret only the reference is stored: the secret is read when it is needed. Nothing is
/// asked of the other system: integration-test does that. `name_exists` (409) if another
/// integration has the name; `limit_reached` (409) if there are 100. `invalid_field` (400) at
/// `endpoint` for one that the deployment does not reach, and at `auth.secretRef` or
/// `webhookSecretRef` for a secret that
/// is not one of its integrations'.
#[derive(JsonSchema)]
pub struct IntegrationCreate;

impl Endpoint for IntegrationCreate {
    const ROUTE: Route =
        post("integration-create", "/api/v1/integrations").scope(Scope::AdminWrite).idempotent();
    const WRITES: &[Entity] = &[Entity::Integration];
    type Capabilities = Capabilities<Writer, (), IntegrationRules>;
    type Input = Json<IntegrationSettings>;
    type Output = Created<Integration>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Json(settings): Self::Input,
    ) -> Result<Self::Output> {
        ctx.integration_rules().require_allowed(&settings)?;
        let actor = ctx.principal().actor();
        let integration = settings.create(ctx.now(), ctx.generate_id()?, actor)?;
        let location = format!("/api/v1/integrations/{}", integration.id);
        let created = Created::at(location, integration);
        ctx.catalog().create_integration(created.resource(), &ctx.audit_with(&created)?).await?;
        Ok(created)
    }
}
