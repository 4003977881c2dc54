//! `GET /v1/me`

use schemars::JsonSchema;
use slipway_domain::principal::Credential;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route, get};

/// Returns what the credential of the request permits.
///
/// For whoever has been given a credential and has to find out what it is for: its name, its scopes,
/// what it is bound to, and when it ends. Of a token that is bound to a tenant, `scopes` and
/// `product_ids` are those that count now, with what the tenant is entitled to.
#[derive(JsonSchema)]
pub struct PrincipalGet;

impl Endpoint for PrincipalGet {
    const ROUTE: Route = get("principal-get", "/v1/me").any_credential();
    type Capabilities = Capabilities<()>;
    type Input = ();
    type Output = Json<Credential>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        Ok(Json(ctx.principal().credential()))
    }
}
