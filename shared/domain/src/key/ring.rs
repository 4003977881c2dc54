//! The key ring: which key signs, and how keys are rotated without a gap.

use jiff::{SignedDuration, Timestamp};

use super::{KeyPurpose, KeyStatus, SigningKey};
use crate::{Code, Error, Result};

/// All signing keys of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRing {
    /// The keys, of every purpose.
    pub keys: Vec<SigningKey>,
}

impl KeyRing {
    /// The key that signs for `purpose` at `now`: of the valid keys, the one with the latest
    /// `not_before`.
    #[must_use]
    pub fn signer(&self, purpose: KeyPurpose, now: Timestamp) -> Option<&SigningKey> {
        let counting = self.of(purpose).filter(|key| key.is_valid_at(now));
        counting.max_by_key(|key| (key.not_before, &key.kid))
    }

    /// The status of `key` at `now`.
    #[must_use]
    pub fn status(&self, key: &SigningKey, now: Timestamp) -> KeyStatus {
        if !key.extends_to(now) {
            KeyStatus::Expired
        } else if now < key.not_before {
            KeyStatus::Pending
        } else if self.signer(key.purpose, now).is_some_and(|signer| signer.kid == key.kid) {
            KeyStatus::Active
        } else {
            KeyStatus::Retiring
        }
    }

    /// Whether signatures of the key `kid` are valid until `end`. False for an unknown key.
    #[must_use]
    pub fn is_valid_until(&self, kid: &str, end: Timestamp) -> bool {
        self.keys.iter().any(|key| key.kid == kid && key.not_after.is_none_or(|after| end <= after))
    }

    /// Checks that a new key for `purpose` may become valid at `not_before`, with a grace period of
    /// `grace` for its predecessors. `lifetime` is how long clients may rely on what is signed.
    ///
    /// # Errors
    /// `invalid_field` for a grace period shorter than `lifetime`; `stale_state` if an existing key
    /// becomes valid at `not_before` or later.
    pub fn check_successor(
        &self,
        purpose: KeyPurpose,
        not_before: Timestamp,
        grace: SignedDuration,
        lifetime: SignedDuration,
    ) -> Result<()> {
        if grace < lifetime {
            let message = format!(
                "at least {lifetime:#}: what was signed last, at the change of keys, may be accepted as long"
            );
            return Err(Error::invalid("grace", message));
        }
        match self.of(purpose).find(|key| key.not_before >= not_before) {
            Some(later) => Err(Error::new(
                Code::StaleState,
                format!("{} begins to sign at {}: rotate after that", later.kid, later.not_before),
            )),
            None => Ok(()),
        }
    }

    /// The rows to write when `successor` is added: the key itself, and its predecessors with their
    /// validity limited to `grace` after `successor` becomes valid.
    #[must_use]
    pub fn with_successor(&self, successor: SigningKey, grace: SignedDuration) -> Vec<SigningKey> {
        let end = successor.not_before.saturating_add(grace).unwrap_or(Timestamp::MAX);
        let predecessors = self.of(successor.purpose).filter(|key| key.extends_to(end));
        let retiring = predecessors.map(|key| SigningKey { not_after: Some(end), ..key.clone() });
        retiring.chain([successor]).collect()
    }

    /// The key `kid` with its validity ended at `now`, as after a compromise.
    ///
    /// # Errors
    /// `not_found`; `stale_state` if no other key would sign.
    pub fn revoked(&self, kid: &str, now: Timestamp) -> Result<SigningKey> {
        let key = self
            .keys
            .iter()
            .find(|key| key.kid == kid)
            .ok_or_else(|| Error::not_found("signing key", kid))?;
        let others =
            Self { keys: self.keys.iter().filter(|key| key.kid != kid).cloned().collect() };
        if others.signer(key.purpose, now).is_none() {
            let purpose = key.purpose.as_str();
            return Err(Error::new(
                Code::StaleState,
                format!("no other key would sign {purpose}s; add one first, with a lead of 0s"),
            ));
        }
        Ok(SigningKey { not_after: Some(now), ..key.clone() })
    }

    fn of(&self, purpose: KeyPurpose) -> impl Iterator<Item = &SigningKey> {
        self.keys.iter().filter(move |key| key.purpose == purpose)
    }
}

#[cfg(test)]
mod tests {
    use super::super::KeyCustody;
    use super::*;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn day(number: i64) -> Timestamp {
        Timestamp::from_second(number * DAY.as_secs()).unwrap()
    }

    fn key(kid: &str, not_before: Timestamp, not_after: Option<Timestamp>) -> SigningKey {
        let custody = KeyCustody::File { name: kid.to_owned() };
        SigningKey {
            kid: kid.to_owned(),
            purpose: KeyPurpose::Snapshot,
            public_key: String::new(),
            not_before,
            not_after,
            custody,
        }
    }

    fn ring(keys: &[SigningKey]) -> KeyRing {
        KeyRing { keys: keys.to_vec() }
    }

    /// Key `a` from day 0 on, followed by `b` on day 10, with a grace period of 30 days.
    fn rotated() -> KeyRing {
        ring(&ring(&[key("a", day(0), None)]).with_successor(key("b", day(10), None), DAY * 30))
    }

    #[test]
    fn the_predecessor_signs_until_the_successor_s_time_comes_and_there_is_no_gap() {
        let ring = rotated();
        let second = SignedDuration::from_secs(1);
        let signer = |now| ring.signer(KeyPurpose::Snapshot, now).unwrap().kid.clone();
        assert_eq!(
            [signer(day(0)), signer(day(10) - second), signer(day(10)), signer(day(1000))],
            ["a", "a", "b", "b"]
        );
        assert!(
            ring.signer(KeyPurpose::Decision, day(1)).is_none(),
            "a key signs for its purpose alone"
        );
    }

    #[test]
    fn a_key_goes_from_pending_to_active_to_retiring_to_expired() {
        let ring = rotated();
        let status = |index: usize, now| ring.status(&ring.keys[index], now);
        assert_eq!([0, 5, 10, 39, 40].map(|number| status(0, day(number))), {
            use KeyStatus::{Active, Expired, Retiring};
            [Active, Active, Retiring, Retiring, Expired]
        });
        assert_eq!(
            [5, 10].map(|number| status(1, day(number))),
            [KeyStatus::Pending, KeyStatus::Active]
        );
    }

    #[test]
    fn what_was_signed_counts_to_the_end_of_the_grace_period() {
        let ring = rotated();
        assert!(ring.is_valid_until("a", day(40)) && !ring.is_valid_until("a", day(41)));
        assert!(ring.is_valid_until("b", day(1000)) && !ring.is_valid_until("c", day(1)));
    }

    #[test]
    fn a_grace_period_that_would_undo_signatures_is_refused() {
        let ring = ring(&[key("a", day(0), None)]);
        let admits = |grace| ring.check_successor(KeyPurpose::Snapshot, day(10), grace, DAY * 30);
        assert_eq!(
            admits(DAY * 30 - SignedDuration::from_secs(1)).unwrap_err().field(),
            Some("grace")
        );
        assert!(admits(DAY * 30).is_ok());
    }

    #[test]
    fn a_second_rotation_does_not_lengthen_the_life_of_the_first_key_nor_overtake_the_second() {
        let ring = rotated();
        let changed = ring.with_successor(key("c", day(15), None), DAY * 30);
        assert_eq!(changed.iter().map(|key| &*key.kid).collect::<Vec<_>>(), ["b", "c"]);
        let admits =
            |not_before| ring.check_successor(KeyPurpose::Snapshot, not_before, DAY * 30, DAY);
        assert_eq!(admits(day(10)).unwrap_err().code(), Code::StaleState);
        assert!(admits(day(15)).is_ok());
    }

    #[test]
    fn the_only_key_can_t_be_revoked_and_a_revoked_one_signs_and_vouches_no_more() {
        assert_eq!(
            ring(&[key("a", day(0), None)]).revoked("a", day(1)).unwrap_err().code(),
            Code::StaleState
        );
        let standing = rotated();
        assert_eq!(standing.revoked("b", day(12)).unwrap().not_after, Some(day(12)));
        let revoked = ring(&[standing.keys[0].clone(), standing.revoked("b", day(12)).unwrap()]);
        assert_eq!(revoked.signer(KeyPurpose::Snapshot, day(12)).unwrap().kid, "a");
        assert!(!revoked.is_valid_until("b", day(13)));
        assert_eq!(standing.revoked("x", day(12)).unwrap_err().code(), Code::NotFound);
    }
}
