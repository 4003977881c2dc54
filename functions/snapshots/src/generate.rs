//! `POST /v1/snapshots/generate`: makes a snapshot.

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::snapshot::{ChannelSet, NewGeneration, Selection, Snapshot};
use slipway_domain::{GenerationId, TenantId};
use slipway_edge::power::Generate;
use slipway_edge::{Created, Ctx, Endpoint, Json, Made, Result, Route, Scope, post};

use crate::fan_out::{Recipients, fan_out};
use crate::generation::{Order, Outcome, generate};

/// Makes a snapshot for a tenant, if anything has changed or it is forced; without a tenant, has one made for each of them.
pub struct SnapshotGenerate;

/// A snapshot, and whether it is new.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answer {
    /// The snapshot.
    #[serde(flatten)]
    snapshot: Snapshot,
    /// Whether this request made it; if not, it is the one that stands.
    changed: bool,
}

/// Work that was handed out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Underway {
    /// Names the work in the audit log.
    generation_id: GenerationId,
    /// How many tenants get a snapshot, if anything has changed for them.
    tenant_count: usize,
}

impl Endpoint for SnapshotGenerate {
    const ROUTE: Route = post("snapshot-generate", "/v1/snapshots/generate", "Makes a snapshot of a tenant, or has one made of each.")
        .scope(Scope::SnapshotsWrite)
        .idempotent();
    type Power = Generate;
    type Input = Option<Json<NewGeneration>>;
    type Output = Made<Answer, Underway>;

    async fn handle(ctx: &Ctx<Self::Power>, body: Self::Input) -> Result<Self::Output> {
        let new = body.map(|Json(new)| new).unwrap_or_default();
        let (channels, demand) = (new.channel_set()?, new.demand());
        let order = Order { demand, base_url: ctx.base_url(), generation_id: None };
        match ctx.principal().tenant_of(new.tenant_id)? {
            Some(tenant) => for_one(ctx, &tenant, channels, order).await,
            None => for_all(ctx, channels, order).await,
        }
    }
}

async fn for_one(ctx: &Ctx<Generate>, tenant: &TenantId, channels: ChannelSet, order: Order<'_>) -> Result<Made<Answer, Underway>> {
    Ok(match generate(ctx, tenant, channels, order).await? {
        Outcome::New(snapshot) => {
            let location = format!("/v1/snapshots/{}", snapshot.snapshot_id);
            Made::Created(Created::at(location, Answer { snapshot, changed: true }))
        }
        Outcome::Standing(snapshot) => Made::Standing(Answer { snapshot, changed: false }),
    })
}

async fn for_all(ctx: &Ctx<Generate>, channels: ChannelSet, order: Order<'_>) -> Result<Made<Answer, Underway>> {
    let generation_id: GenerationId = ctx.fresh_id()?;
    let selection = Selection::Stream(channels);
    let tenant_count = fan_out(ctx, &generation_id, &Recipients::Everyone, &selection, &order, ctx.now()).await?;
    Ok(Made::Underway(Underway { generation_id, tenant_count }))
}
