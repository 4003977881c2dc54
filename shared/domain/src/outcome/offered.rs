//! Which clients are counted as those that were offered a release.

use jiff::Timestamp;
use jiff::civil::Date;

use super::offered_sketch::{OfferedClient, OfferedSketch};
use crate::ReleaseId;
use crate::adoption::date_of;
use crate::decision::Decision;

/// What is counted together: the offers of a release on a day, UTC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfferedKey {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// The day.
    pub date: Date,
}

/// An offer, as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedOffer {
    /// What it is counted with.
    pub key: OfferedKey,
    /// Whom it was made.
    pub client: OfferedClient,
}

/// The clients that were offered a release on a day, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailyOffered {
    /// What was counted.
    pub key: OfferedKey,
    /// The clients.
    pub clients: OfferedSketch,
}

impl CountedOffer {
    /// How `decision` is counted at `now`; `None` if it offers nothing, or if the client sends no id.
    /// Whatever the client is to do with the offer, it was told of the release.
    #[must_use]
    pub fn of(decision: &Decision, client_id: Option<&str>, now: Timestamp) -> Option<Self> {
        let release_id = decision.offer.as_ref()?.release_id.clone();
        let client = OfferedClient::new(&release_id, client_id?);
        Some(Self { key: OfferedKey { release_id, date: date_of(now) }, client })
    }
}
