//! What clients report of releases: outcomes, their counts, and what bounds them.

use jiff::Timestamp;
use jiff::civil::Date;
use slipway_domain::ReleaseId;
use slipway_domain::outcome::SaltedDigest;

use super::{Key, time};

/// The salt of a release.
#[must_use]
pub fn report_salt(release: &ReleaseId) -> Key {
    Key::singleton("OUTCOMESALT", release)
}

/// The last outcome of a client, in a partition of its own.
#[must_use]
pub fn client_outcome(release: &ReleaseId, client: &SaltedDigest) -> Key {
    Key::singleton("OUTCOME", format!("{release}#{}", client.to_hex()))
}

/// A counter of outcomes: one of those of a round and day.
#[must_use]
pub fn outcome_counter(release: &ReleaseId, round: u32, date: Date, shard: u8) -> Key {
    let day = date.strftime("%Y-%m-%d");
    Key::new(
        outcome_counters(release),
        format!("{}{day}#{shard:02}", outcome_counters_of_round(round)),
    )
}

/// The partition with the counters of a release.
#[must_use]
pub fn outcome_counters(release: &ReleaseId) -> String {
    format!("OUTCOMECOUNT#{release}")
}

/// What the sort keys of the counters of a round begin with.
#[must_use]
pub fn outcome_counters_of_round(round: u32) -> String {
    format!("{round:010}#")
}

/// What the partition keys of [`halt_check`] begin with.
pub const HALT_CHECKS: &str = "HALTCHECK#";

/// Has the reports of a release looked at. `id` tells apart what asks for it at the same time, and
/// says nothing of the client.
#[must_use]
pub fn halt_check(release: &ReleaseId, at: Timestamp, id: &str) -> Key {
    Key::new(format!("{HALT_CHECKS}{release}"), format!("{}#{id}", time(at)))
}

/// How often a network has reported of a release in the hour that begins at `hour`.
#[must_use]
pub fn outcome_rate(release: &ReleaseId, network: &SaltedDigest, hour: Timestamp) -> Key {
    Key::singleton("OUTCOMERATE", format!("{release}#{}#{}", network.to_hex(), time(hour)))
}
