//! When a snapshot stream was last used, by which the ones that nobody mirrors any more are told.

use jiff::{SignedDuration, Timestamp};
use slipway_domain::TenantId;

use super::channels::StreamId;

/// How long a recorded use stands for those after it: one record a day is all that a stream takes,
/// however often it is read.
const RECORD_INTERVAL: SignedDuration = SignedDuration::from_hours(24);

/// The last recorded use of a snapshot stream: somebody has read a snapshot of it, or asked for one.
/// The stream of all channels has none, because every tenant keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamUse {
    /// Id of the tenant.
    pub tenant_id: TenantId,
    /// Id of the stream.
    pub stream: StreamId,
    /// Time of the use; later ones within a day are not recorded.
    pub used_at: Timestamp,
}

impl StreamUse {
    /// Whether a use at `now` need not be recorded.
    #[must_use]
    pub fn covers(&self, now: Timestamp) -> bool {
        now.duration_since(self.used_at) < RECORD_INTERVAL
    }

    /// Whether the stream has not been used for longer than `limit` at `now`. A day is added, within
    /// which uses were not recorded.
    #[must_use]
    pub fn has_lapsed(&self, limit: SignedDuration, now: Timestamp) -> bool {
        now.duration_since(self.used_at) > limit + RECORD_INTERVAL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_is_used_within_the_limit_never_lapses() {
        let limit = SignedDuration::from_hours(24 * 90);
        let stream = "all".parse().unwrap();
        let mut last = StreamUse {
            tenant_id: "tenant_a".parse().unwrap(),
            stream,
            used_at: Timestamp::UNIX_EPOCH,
        };
        let mut now = last.used_at;
        for hours in [1, 23, 24, 25, 24 * 90, 5, 24 * 90, 23, 24 * 90] {
            now += SignedDuration::from_hours(hours);
            assert!(!last.has_lapsed(limit, now), "{hours} hours after a use");
            if !last.covers(now) {
                last.used_at = now;
            }
        }
        assert!(last.has_lapsed(limit, now + SignedDuration::from_hours(24 * 91 + 1)));
    }

    #[test]
    fn a_clock_that_was_set_back_ends_nothing() {
        let stream = "all".parse().unwrap();
        let used_at = Timestamp::from_second(1_000_000).unwrap();
        let last = StreamUse { tenant_id: "tenant_a".parse().unwrap(), stream, used_at };
        assert!(last.covers(Timestamp::UNIX_EPOCH));
        assert!(!last.has_lapsed(SignedDuration::ZERO, Timestamp::UNIX_EPOCH));
    }
}
