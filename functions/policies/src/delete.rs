//! `DELETE` of the policy of a level

use std::marker::PhantomData;

use schemars::JsonSchema;
use slipway_edge::capabilities::{Entity, Writer};
use slipway_edge::{Capabilities, Ctx, Endpoint, NoContent, Result, Route};

use crate::level::Level;

/// Deletes the policy of a level.
#[derive(JsonSchema)]
#[schemars(bound = "L: Level", rename = "PolicyDelete", description = description::<L>())]
pub struct PolicyDelete<L> {
    #[schemars(skip)]
    level: PhantomData<fn() -> L>,
}

fn description<L: Level>() -> String {
    let owner = L::OWNER;
    format!(
        "Deletes the policy of {owner}.\n\nThe other levels decide alone then. `not_found` (404) \
         where there is none. Honours `If-Match`: `precondition_failed` (412) if the policy has \
         changed since."
    )
}

impl<L: Level> Endpoint for PolicyDelete<L> {
    const ROUTE: Route = L::DELETE;
    const WRITES: &[Entity] = &[Entity::Policy];
    type Capabilities = Capabilities<Writer>;
    type Input = L::Ids;
    type Output = NoContent;

    async fn handle(ctx: &Ctx<Self::Capabilities>, ids: Self::Input) -> Result<Self::Output> {
        let audit = ctx.audit()?;
        ctx.catalog()
            .delete_policy(&L::of(ids), |policy| ctx.require_match(policy), &audit)
            .await?;
        Ok(NoContent)
    }
}
