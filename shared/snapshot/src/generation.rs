//! Requests to generate snapshots, and the events and work items that carry them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::channels::ChannelSet;
use slipway_domain::audit::EventType;
use slipway_domain::json::sets;
use slipway_domain::{Channel, EventId, GenerationId, ProductId, Result, TenantId};

/// Request body of snapshot-generate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewGeneration {
    /// Tenant to generate a snapshot for. Default: every tenant.
    pub tenant_id: Option<TenantId>,
    /// Channels that the snapshot covers, 1 to 16. Default: all channels.
    #[serde(default, deserialize_with = "sets::optional")]
    #[schemars(length(min = 1, max = 16), !default)]
    pub channels: Option<BTreeSet<Channel>>,
    /// Whether to generate a snapshot even if nothing has changed. Default: false.
    pub force: bool,
}

impl NewGeneration {
    /// The requested channels.
    ///
    /// # Errors
    /// `invalid_field` for an empty list, or one of more than 16 channels.
    pub fn channel_set(&self) -> Result<ChannelSet> {
        ChannelSet::of(self.channels.clone())
    }

    /// When a new snapshot is generated.
    #[must_use]
    pub fn demand(&self) -> GenerationMode {
        if self.force { GenerationMode::Always } else { GenerationMode::IfChanged }
    }
}

/// When a generation creates a new snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GenerationMode {
    /// If the content has changed, or half of the latest snapshot's lifetime has passed.
    IfChanged,
    /// Always.
    Always,
}

/// Which of a tenant's snapshot streams a generation covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamSelector {
    /// The stream of all channels, and every other existing stream.
    EveryStream,
    /// The stream of these channels.
    Stream(ChannelSet),
}

/// A work item of the outbox: the generation of one tenant's snapshots, or of every tenant's, by an
/// invocation of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItem {
    /// Id of the generation that the item belongs to.
    pub generation_id: GenerationId,
    /// Id of the tenant. None: the item is for every tenant, and is split into one for each.
    pub tenant_id: Option<TenantId>,
    /// The streams to generate.
    pub selection: StreamSelector,
    /// When a new snapshot is generated.
    pub demand: GenerationMode,
    /// Time of the request.
    pub at: Timestamp,
}

impl WorkItem {
    /// The work of bringing every stream of every tenant up to date.
    #[must_use]
    pub fn update(generation_id: GenerationId, at: Timestamp) -> Self {
        let (selection, demand) = (StreamSelector::EveryStream, GenerationMode::IfChanged);
        Self { generation_id, tenant_id: None, selection, demand, at }
    }
}

/// A change of what clients on a channel get, as the outbox delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogChange {
    /// Id of the audit event.
    pub event_id: EventId,
    /// Kind of change.
    pub event_type: EventType,
    /// Id of the product.
    pub product_id: ProductId,
    /// Name of the channel.
    pub channel: Channel,
    /// Time of the change.
    pub at: Timestamp,
}

impl CatalogChange {
    /// Whether the change triggers a generation: publishing, updating, another rollout and revoking
    /// do, and that a channel follows others.
    #[must_use]
    pub fn makes_snapshots(&self) -> bool {
        matches!(
            self.event_type,
            EventType::ReleasePublished
                | EventType::ReleaseUpdated
                | EventType::ReleaseRolloutChanged
                | EventType::ReleaseRolloutStep
                | EventType::ReleaseHalted
                | EventType::ReleaseRevoked
                | EventType::ProductUpdated
        )
    }
}
