//! Streams that nobody uses: found when all streams of a tenant are renewed, and ended in place of
//! that.

use slipway_catalog::{LapseOutcome, Stored};
use slipway_domain::{Result, TenantId, Timestamp};
use slipway_edge::Ctx;
use slipway_snapshot::{ChannelSet, SnapshotConfig, SnapshotStream, StreamUse};

use crate::generation::Generate;

/// The `streams` that go on. Ends the others: those of which no use is recorded for
/// [`SnapshotConfig::unused_stream_limit`].
pub async fn end_unused(
    ctx: &Ctx<Generate>,
    config: &SnapshotConfig,
    streams: Vec<Stored<SnapshotStream>>,
) -> Result<Vec<Stored<SnapshotStream>>> {
    let Some(stream) = streams.iter().find(|stream| stream.value.channels != ChannelSet::All)
    else {
        return Ok(streams);
    };
    let uses = ctx.catalog().list_stream_uses(&stream.value.tenant_id).await?;
    let mut kept = Vec::with_capacity(streams.len());
    for stream in streams {
        if is_kept(ctx, config, &stream.value, &uses).await? {
            kept.push(stream);
        }
    }
    Ok(kept)
}

async fn is_kept(
    ctx: &Ctx<Generate>,
    config: &SnapshotConfig,
    stream: &SnapshotStream,
    uses: &[StreamUse],
) -> Result<bool> {
    let (catalog, tenant, id) = (ctx.catalog(), &stream.tenant_id, stream.channels.stream_id());
    let limit = config.unused_stream_limit();
    match uses.iter().find(|last| last.stream == id) {
        _ if stream.channels == ChannelSet::All => Ok(true),
        Some(last) if last.has_lapsed(limit, ctx.now()) => {
            let outcome = catalog.lapse_stream(tenant, &id, limit, &ctx.audit()?).await?;
            Ok(outcome == LapseOutcome::Kept)
        }
        Some(_) => Ok(true),
        // Of an earlier version, which recorded no use: its time begins now.
        None => catalog.record_stream_use(tenant, &id, ctx.now()).await.map(|_| true),
    }
}

/// What asking for a snapshot of `channels` records. The stream of all channels needs no use.
pub fn use_of(tenant: &TenantId, channels: &ChannelSet, now: Timestamp) -> Option<StreamUse> {
    let used =
        || StreamUse { tenant_id: tenant.clone(), stream: channels.stream_id(), used_at: now };
    (*channels != ChannelSet::All).then(used)
}
