//! `GET /v1/keys`: the public keys.

use slipway_edge::power::ReadOnly;
use slipway_edge::{Ctx, Endpoint, Json, Result, Route, get};
use slipway_signing::{Jwk, KeySet};

/// Every key that signs or has signed, as a JSON Web Key Set (RFC 7517, RFC 8037).
pub struct KeyList;

impl Endpoint for KeyList {
    const ROUTE: Route = get("key-list", "/v1/keys", "The public keys, as a JSON Web Key Set.");
    type Power = ReadOnly;
    type Input = ();
    type Output = Json<KeySet>;

    async fn handle(ctx: &Ctx<Self::Power>, (): Self::Input) -> Result<Self::Output> {
        let keys = ctx.catalog().signing_keys().await?;
        Ok(Json(KeySet { keys: keys.iter().map(|key| Jwk::of(key, ctx.now())).collect() }))
    }
}
