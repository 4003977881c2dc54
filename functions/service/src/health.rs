//! `GET /health`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_edge::capabilities::KeyRingReader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route, get};

/// Reports whether the deployment works.
///
/// 200 if the catalog answers and a decision key is in force; otherwise `unavailable` (503).
#[derive(JsonSchema)]
pub struct Health;

/// Response of a healthy deployment.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Healthy {
    /// Always `ok`.
    status: &'static str,
    /// Deployed version of Slipway, SemVer.
    version: &'static str,
}

impl Healthy {
    /// What is said of this version, if the deployment works.
    ///
    /// # Errors
    /// `unavailable` if not.
    pub(crate) async fn check(ctx: &Ctx<Capabilities<KeyRingReader>>) -> Result<Self> {
        ctx.catalog().check_health(ctx.now()).await?;
        Ok(Self { status: "ok", version: env!("CARGO_PKG_VERSION") })
    }
}

impl Endpoint for Health {
    const ROUTE: Route = get("health", "/health");
    type Capabilities = Capabilities<KeyRingReader>;
    type Input = ();
    type Output = Json<Healthy>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        Healthy::check(ctx).await.map(Json)
    }
}
