//! `POST /v1/snapshots/generate`

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::{GenerationId, TenantId};
use slipway_edge::capabilities::Entity;
use slipway_edge::{
    CreateOutcome, Created, Ctx, Endpoint, FunctionSize, Json, Result, Route, Scope, post,
};
use slipway_snapshot::{
    ChannelSet, GenerationMode, NewGeneration, Snapshot, StreamSelector, WorkItem,
};

use crate::fan_out::{Recipients, count};
use crate::generation::{Generate, GenerationOutcome, GenerationRequest, generate};

/// Generates a snapshot of a tenant, or of every tenant.
///
/// With a tenant: 201 with the new snapshot, or 200 and `"changed": false` with the current one if
/// a new one would be the same; `force` generates a new one regardless. `stale_state` (409) if the
/// tenant is suspended. `unknown_channel` (422) for a channel that is neither a standard channel
/// nor one of the tenant's products.
///
/// Without a tenant, and with a credential that is bound to none: 202; the snapshots follow in the
/// background. `generation_id` identifies the work in the audit log.
#[derive(JsonSchema)]
pub struct SnapshotGenerate;

/// A generated or current snapshot.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GeneratedSnapshot {
    /// The snapshot.
    #[serde(flatten)]
    snapshot: Snapshot,
    /// Whether this request generated it. False if the latest snapshot is current.
    changed: bool,
}

/// A generation for every tenant, which runs asynchronously.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GenerationStarted {
    /// Id of the generation, as in the audit log.
    generation_id: GenerationId,
    /// Number of tenants whose snapshots are checked. A tenant gets a new snapshot only if its
    /// contents have changed, or `force` is set.
    tenant_count: usize,
}

impl Endpoint for SnapshotGenerate {
    const ROUTE: Route = post("snapshot-generate", "/v1/snapshots/generate")
        .scope(Scope::SnapshotsWrite)
        .idempotent();
    const WRITES: &[Entity] = &[Entity::Snapshot, Entity::StreamUse, Entity::WorkItem];
    const SIZE: FunctionSize = FunctionSize::HEAVY_REQUEST;
    type Capabilities = Generate;
    type Input = Option<Json<NewGeneration>>;
    type Output = CreateOutcome<GeneratedSnapshot, GenerationStarted>;

    async fn handle(ctx: &Ctx<Self::Capabilities>, body: Self::Input) -> Result<Self::Output> {
        let new = body.map(|Json(new)| new).unwrap_or_default();
        let (channels, demand) = (new.channel_set()?, new.demand());
        match ctx.catalog().requested_tenant(new.tenant_id)? {
            Some(tenant) => for_one(ctx, &tenant, channels, demand).await,
            None => for_all(ctx, channels, demand).await,
        }
    }
}

async fn for_one(
    ctx: &Ctx<Generate>,
    tenant: &TenantId,
    channels: ChannelSet,
    demand: GenerationMode,
) -> Result<CreateOutcome<GeneratedSnapshot, GenerationStarted>> {
    let request = GenerationRequest {
        demand,
        generation_id: None,
        audit: |ctx, snapshot| ctx.audit_with(&created(snapshot.clone())),
    };
    Ok(match generate(ctx, tenant, channels, request).await? {
        GenerationOutcome::Created(snapshot) => CreateOutcome::Created(created(snapshot)),
        GenerationOutcome::Unchanged(snapshot) => {
            CreateOutcome::Unchanged(GeneratedSnapshot { snapshot, changed: false })
        }
    })
}

fn created(snapshot: Snapshot) -> Created<GeneratedSnapshot> {
    let location = format!("/v1/snapshots/{}", snapshot.snapshot_id);
    Created::at(location, GeneratedSnapshot { snapshot, changed: true })
}

async fn for_all(
    ctx: &Ctx<Generate>,
    channels: ChannelSet,
    demand: GenerationMode,
) -> Result<CreateOutcome<GeneratedSnapshot, GenerationStarted>> {
    let generation_id: GenerationId = ctx.generate_id()?;
    let tenant_count = count(ctx, &Recipients::Everyone).await?;
    let work = WorkItem {
        generation_id: generation_id.clone(),
        tenant_id: None,
        selection: StreamSelector::Stream(channels),
        demand,
        at: ctx.now(),
    };
    let started = CreateOutcome::Accepted(GenerationStarted { generation_id, tenant_count });
    ctx.catalog().enqueue_work(&[work], || ctx.audit_with(&started)).await?;
    Ok(started)
}
