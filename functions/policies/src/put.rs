//! `PUT` of the policy of a level

use std::marker::PhantomData;

use schemars::JsonSchema;
use slipway_domain::policy::{LevelPolicy, Policy};
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Result, Route};

use crate::level::Level;

/// Sets the policy of a level.
#[derive(JsonSchema)]
#[schemars(bound = "L: Level", rename = "PolicyPut", description = description::<L>())]
pub struct PolicyPut<L> {
    #[schemars(skip)]
    level: PhantomData<fn() -> L>,
}

fn description<L: Level>() -> String {
    let (owner, channel) = (L::OWNER, L::CHANNEL_RULE);
    format!(
        "Sets the policy of {owner} and returns it.\n\nThe policy that is there is replaced as a \
         whole: what is left out is inherited. Policies merge field by field; that of a product at a \
         tenant goes before that of the product, that before the tenant's, and that before the \
         deployment's. `blocked_versions` of all of them add up. Decisions follow within seconds. \
         At most 100 blocked versions and 8 KiB of JSON. {channel} Honours `If-Match`: `precondition_failed` (412) if the policy has \
         changed since, or if there is none."
    )
}

impl<L: Level> Endpoint for PolicyPut<L> {
    const ROUTE: Route = L::PUT;
    const WRITES: &[Entity] = &[Entity::Policy];
    type Capabilities = Capabilities<Writer>;
    type Input = (L::Ids, Json<Policy>);
    type Output = Json<LevelPolicy>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        (ids, Json(policy)): Self::Input,
    ) -> Result<Self::Output> {
        policy.check()?;
        let check = |current: Option<&LevelPolicy>| ctx.require_match_if_any(current);
        ctx.catalog().put_policy(&L::of(ids), &policy, check, &ctx.audit()?).await.map(Json)
    }
}
