//! `GET` of the policy of a level

use std::marker::PhantomData;

use schemars::JsonSchema;
use slipway_domain::policy::LevelPolicy;
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route};

use crate::level::Level;

/// Returns the policy of a level.
#[derive(JsonSchema)]
#[schemars(bound = "L: Level", rename = "PolicyGet", description = description::<L>())]
pub struct PolicyGet<L> {
    #[schemars(skip)]
    level: PhantomData<fn() -> L>,
}

fn description<L: Level>() -> String {
    let owner = L::OWNER;
    format!(
        "Returns the policy of {owner}.\n\nIt is the policy as it was set, without what it inherits \
         from other levels. `not_found` (404) where none was set."
    )
}

impl<L: Level> Endpoint for PolicyGet<L> {
    const ROUTE: Route = L::GET;
    type Capabilities = Capabilities<Reader>;
    type Input = L::Ids;
    type Output = Json<LevelPolicy>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, ids: Self::Input) -> Result<Self::Output> {
        ctx.catalog().get_policy(&L::of(ids)).await.map(Json)
    }
}
