//! `GET /v1/keys`: the public keys.

use slipway_edge::capabilities::ReadOnly;
use slipway_edge::{Ctx, Endpoint, Json, Result, Route, get};
use slipway_signing::KeySet;

/// Every key that signs, will sign or has signed, as a JSON Web Key Set (RFC 7517, RFC 8037).
pub struct KeyList;

impl Endpoint for KeyList {
    const ROUTE: Route = get("key-list", "/v1/keys", "The public keys, as a JSON Web Key Set.");
    type Capabilities = ReadOnly;
    type Input = ();
    type Output = Json<KeySet>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, (): Self::Input) -> Result<Self::Output> {
        Ok(Json(KeySet::of(&ctx.catalog().key_ring().await?, ctx.now())))
    }
}
