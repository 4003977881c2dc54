//! Who reads a snapshot keeps its stream: one that nobody uses ends.

use std::time::Duration;

use slipway_catalog::{RecordOutcome, Writer};
use slipway_domain::TenantId;
use slipway_edge::capabilities::SnapshotReader;
use slipway_edge::{Capabilities, Ctx};
use slipway_snapshot::{ChannelSet, StreamId};
use tokio::time::timeout;

/// What reading a snapshot may touch.
pub type ReadSnapshot = Capabilities<Writer, SnapshotReader>;

/// How long a read waits for its record at the most.
const PATIENCE: Duration = Duration::from_secs(2);

/// Records that `stream` is used. A record that fails or takes too long fails no read: the next read
/// makes up for it, and a stream has months.
pub async fn record_use(
    ctx: &Ctx<ReadSnapshot>,
    tenant: &TenantId,
    stream: &StreamId,
) -> RecordOutcome {
    if *stream == ChannelSet::All.stream_id() {
        return RecordOutcome::Recorded;
    }
    let recording = ctx.catalog().record_stream_use(tenant, stream, ctx.now());
    match timeout(PATIENCE, recording).await {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) | Err(_) => RecordOutcome::Recorded,
    }
}
