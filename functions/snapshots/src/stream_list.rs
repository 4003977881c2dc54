//! `GET /v1/tenants/{tenant_id}/streams`

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use slipway_domain::{Channel, TenantId};
use slipway_edge::capabilities::Reader;
use slipway_edge::{Capabilities, Ctx, Endpoint, Json, Path, Result, Route, Scope, get};
use slipway_snapshot::{ChannelSet, Snapshot, SnapshotStream, StreamId};

/// Lists the snapshot streams of a tenant that are in use.
///
/// The list is complete and not paged: a tenant has at most 16 streams, and the one of all channels.
#[derive(JsonSchema)]
pub struct SnapshotStreamList;

/// The streams of a tenant.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StreamsOfTenant {
    /// Streams in use.
    streams: Vec<StreamSummary>,
}

/// A snapshot stream.
#[derive(Debug, Serialize, JsonSchema)]
pub struct StreamSummary {
    /// Id of the stream.
    stream: StreamId,
    /// Channels that the stream covers; null for all channels.
    channels: Option<BTreeSet<Channel>>,
    /// Its newest snapshot.
    latest: Option<Snapshot>,
}

impl From<SnapshotStream> for StreamSummary {
    fn from(stream: SnapshotStream) -> Self {
        let id = stream.channels.stream_id();
        let channels = match stream.channels {
            ChannelSet::All => None,
            ChannelSet::Only(channels) => Some(channels),
        };
        Self { stream: id, channels, latest: stream.latest }
    }
}

impl Endpoint for SnapshotStreamList {
    const ROUTE: Route =
        get("snapshot-stream-list", "/v1/tenants/{tenant_id}/streams").scope(Scope::MirrorsRead);
    type Capabilities = Capabilities<Reader>;
    type Input = Path<TenantId>;
    type Output = Json<StreamsOfTenant>;

    async fn handle(
        ctx: &Ctx<Self::Capabilities>,
        Path(tenant): Self::Input,
    ) -> Result<Self::Output> {
        ctx.catalog().get_tenant(&tenant).await?;
        let streams = ctx.catalog().list_streams(&tenant).await?.into_iter();
        let active = streams.map(|stored| stored.value).filter(SnapshotStream::is_active);
        Ok(Json(StreamsOfTenant { streams: active.map(Into::into).collect() }))
    }
}
