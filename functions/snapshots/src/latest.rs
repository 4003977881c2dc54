//! `GET /v1/snapshots/latest`

use schemars::JsonSchema;
use serde::Deserialize;
use slipway_catalog::RecordOutcome;
use slipway_domain::{Code, Error, TenantId};
use slipway_edge::capabilities::Entity;
use slipway_edge::{Ctx, Endpoint, Query, Result, Route, Scope, StoredDocument, get};
use slipway_signing::Signed;
use slipway_snapshot::{ChannelList, ChannelSet, Manifest, Snapshot, SnapshotStream};

use crate::stream_use::{ReadSnapshot, record_use};

/// Returns the signed manifest of a tenant's newest snapshot.
///
/// Of the stream with exactly the given channels if it exists, otherwise of the newest stream that
/// contains them all; without `channels`, of the stream of all channels. `not_found` (404) if there
/// is none yet. A read keeps the stream: one that nobody reads for 90 days, or twice the lifetime of a
/// snapshot where that is longer, ends, unless it is the one of all channels.
#[derive(JsonSchema)]
pub struct SnapshotLatest;

/// Filter of snapshot-latest.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LatestSnapshotQuery {
    /// Tenant. Default: the one that the credential is bound to.
    tenant_id: Option<TenantId>,
    /// Channels that the snapshot covers, separated by commas. Default: the stream of all channels.
    channels: Option<ChannelList>,
}

impl Endpoint for SnapshotLatest {
    const ROUTE: Route = get("snapshot-latest", "/v1/snapshots/latest").scope(Scope::MirrorsRead);
    const WRITES: &[Entity] = &[Entity::StreamUse];
    type Capabilities = ReadSnapshot;
    type Input = Query<LatestSnapshotQuery>;
    type Output = StoredDocument<Signed<Manifest>>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Query(filter): Self::Input,
    ) -> Result<Self::Output> {
        let tenant = ctx.catalog().requested_tenant(filter.tenant_id)?;
        let tenant = tenant
            .ok_or_else(|| Error::invalid("tenant_id", "say whose: `tenant_id=tenant_...`"))?;
        let channels = ChannelSet::of(filter.channels.map(Into::into))?;
        let snapshot = latest(ctx, &tenant, &channels).await?;
        Ok(StoredDocument::current(ctx.storage().manifest(&snapshot, ctx.read_method()).await?))
    }
}

async fn latest(
    ctx: &Ctx<ReadSnapshot>,
    tenant: &TenantId,
    channels: &ChannelSet,
) -> Result<Snapshot> {
    let exact = ctx.catalog().find_stream(tenant, &channels.stream_id()).await?;
    let exact = exact.map(|stored| stored.value).filter(SnapshotStream::is_active);
    if let Some(latest) = exact.and_then(|stream| stream.latest)
        && is_kept(ctx, &latest).await
    {
        return Ok(latest);
    }
    let streams: Vec<SnapshotStream> =
        ctx.catalog().list_streams(tenant).await?.into_iter().map(|stored| stored.value).collect();
    for latest in SnapshotStream::latest_covering(streams, channels) {
        if is_kept(ctx, &latest).await {
            return Ok(latest);
        }
    }
    let message = format!(
        "{tenant} has no snapshot with these channels yet; make one with snapshot-generate"
    );
    Err(Error::new(Code::NotFound, message))
}

/// Whether the stream of `latest` has not ended since it was read.
async fn is_kept(ctx: &Ctx<ReadSnapshot>, latest: &Snapshot) -> bool {
    record_use(ctx, &latest.tenant_id, &latest.stream).await == RecordOutcome::Recorded
}
