//! Asking for snapshots.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::channels::ChannelSet;
use slipway_domain::audit::EventType;
use slipway_domain::{Channel, EventId, GenerationId, ProductId, Result, TenantId};

/// What snapshot-generate takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewGeneration {
    /// For whom; for every tenant, where it is left out.
    pub tenant_id: Option<TenantId>,
    /// The channels to include; all, where it is left out.
    #[schemars(length(min = 1, max = 16))]
    pub channels: Option<BTreeSet<Channel>>,
    /// Makes a new snapshot even if nothing has changed.
    pub force: bool,
}

impl NewGeneration {
    /// The channels.
    ///
    /// # Errors
    /// `invalid_field` for none, or too many.
    pub fn channel_set(&self) -> Result<ChannelSet> {
        ChannelSet::of(self.channels.clone())
    }

    /// When a new snapshot is wanted.
    #[must_use]
    pub fn demand(&self) -> GenerationMode {
        if self.force { GenerationMode::Always } else { GenerationMode::IfChanged }
    }
}

/// When a new snapshot is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GenerationMode {
    /// If the content has changed, or the standing snapshot has lived through half of its time.
    IfChanged,
    /// Whatever stands.
    Always,
}

/// Which of a tenant's streams get a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StreamSelector {
    /// The one of all channels, and every other that was ever asked for.
    EveryStream,
    /// The one with these channels.
    Stream(ChannelSet),
}

/// The work of making one tenant's snapshots, handed to a function of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkItem {
    /// The generation that it is part of.
    pub generation_id: GenerationId,
    /// Whose snapshots.
    pub tenant_id: TenantId,
    /// Which of them.
    pub selection: StreamSelector,
    /// When a new one is wanted.
    pub demand: GenerationMode,
    /// Where clients reach the API: downloads are located there.
    pub base_url: String,
    /// When it was asked for.
    pub at: Timestamp,
}

/// A change of what clients get, as the outbox tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CatalogChange {
    /// Its id.
    pub event_id: EventId,
    /// What happened.
    pub event_type: EventType,
    /// To which product.
    pub product_id: ProductId,
    /// On which channel.
    pub channel: Channel,
    /// When.
    pub at: Timestamp,
    /// Where clients reach the API.
    pub base_url: String,
}

impl CatalogChange {
    /// Whether it makes snapshots: publishing and revoking do.
    #[must_use]
    pub fn makes_snapshots(&self) -> bool {
        matches!(self.event_type, EventType::ReleasePublished | EventType::ReleaseRevoked)
    }
}
