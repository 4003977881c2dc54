//! `POST /api/v1/integrations/{id}/test`

use schemars::JsonSchema;
use slipway_composition::IntegrationId;
use slipway_edge::capabilities::{Reader, Registries};
use slipway_edge::{
    Capabilities, Ctx, Endpoint, FunctionSize, Json, Path, Result, Route, Scope, post,
};

use crate::probe::{IntegrationProbe, probe};

/// Asks the other system whether it takes the integration's credentials.
///
/// Of a registry `GET /v2/` is asked, of GitHub `GET /`. The answer is 200 whatever came of it:
/// that the system can't be reached, or that the secret can't be read, is a result too.
#[derive(JsonSchema)]
pub struct IntegrationTest;

impl Endpoint for IntegrationTest {
    const ROUTE: Route =
        post("integration-test", "/api/v1/integrations/{id}/test").scope(Scope::BundlesWrite);
    // Another system is waited for longer than other requests take.
    const SIZE: FunctionSize = FunctionSize { timeout_seconds: 29, ..FunctionSize::REQUEST };
    type Capabilities = Capabilities<Reader, (), Registries>;
    type Input = Path<IntegrationId>;
    type Output = Json<IntegrationProbe>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, Path(id): Self::Input) -> Result<Self::Output> {
        let integration = ctx.catalog().get_integration(&id).await?.value;
        Ok(Json(probe(ctx.registries(), &integration).await?))
    }
}
