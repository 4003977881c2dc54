//! The time.

use slipway_domain::Timestamp;

/// The time of this machine: what a manifest's expiry is held against.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the machine's clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
