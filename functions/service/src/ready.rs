//! `GET /ready`

use schemars::JsonSchema;
use slipway_edge::capabilities::KeyRingReader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route, get};

use crate::health::Healthy;

/// Reports whether the deployment can serve requests.
///
/// The same as `/health`, where orchestrators look for it: 200 if the catalog answers and a decision
/// key is in force; otherwise `unavailable` (503).
#[derive(JsonSchema)]
pub struct Ready;

impl Endpoint for Ready {
    const ROUTE: Route = get("ready", "/ready");
    type Capabilities = Capabilities<KeyRingReader>;
    type Input = ();
    type Output = Json<Healthy>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        Healthy::check(ctx).await.map(Json)
    }
}
