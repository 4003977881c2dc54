//! `GET /live`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route, get};

/// Reports that the API answers.
///
/// Always 200. It asks nothing of the catalog: `/ready` and `/health` do.
#[derive(JsonSchema)]
pub struct Live;

/// Response of an API that answers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Alive {
    /// Always `ok`.
    status: &'static str,
}

impl Endpoint for Live {
    const ROUTE: Route = get("live", "/live");
    type Capabilities = Capabilities;
    type Input = ();
    type Output = Json<Alive>;

    async fn handle(_: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        Ok(Json(Alive { status: "ok" }))
    }
}
