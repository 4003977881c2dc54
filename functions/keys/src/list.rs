//! `GET /v1/keys`

use schemars::JsonSchema;
use slipway_edge::capabilities::KeyRingReader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route, get};
use slipway_signing::KeySet;

/// Returns the public signing keys as a JSON Web Key Set.
///
/// RFC 7517 and RFC 8037, extended by each key's `purpose`, validity and status. It contains every
/// key that signs, will sign or has signed: a retired key stays listed as `expired`.
#[derive(JsonSchema)]
pub struct KeyList;

impl Endpoint for KeyList {
    const ROUTE: Route = get("key-list", "/v1/keys");
    type Capabilities = Capabilities<KeyRingReader>;
    type Input = ();
    type Output = Json<KeySet>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        Ok(Json(KeySet::of(&ctx.catalog().get_key_ring().await?, ctx.now())))
    }
}
