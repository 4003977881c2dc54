//! Staged rollouts: the share of clients that are offered a release, and the steps that raise it.

mod plan;
mod request;
mod share;

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use self::plan::{RolloutPlan, RolloutStep, StagedRollout};
pub(crate) use self::request::RolloutChange;
pub use self::request::{NewRollout, NewRolloutStep};
use self::share::ALL_CLIENTS;
pub use self::share::{BasisPoints, Percent};
use crate::ReleaseId;

/// The share of clients that are offered a release, as decisions know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rollout {
    /// Share of clients in basis points, hundredths of a percent: 0 to 10000, which is all clients.
    #[schemars(range(max = ALL_CLIENTS))]
    pub basis_points: u16,
    /// Whether the rollout is paused: a paused release is offered to no client.
    pub paused: bool,
}

impl Default for Rollout {
    /// All clients, not paused.
    fn default() -> Self {
        Self { basis_points: ALL_CLIENTS, paused: false }
    }
}

impl Rollout {
    /// Whether the release is offered to all clients, those without an id included.
    #[must_use]
    pub fn includes_all(self) -> bool {
        !self.paused && self.basis_points >= ALL_CLIENTS
    }

    /// The share of clients that are offered the release, in basis points: 0 while it is paused.
    #[must_use]
    pub fn reach(self) -> u16 {
        if self.paused { 0 } else { self.basis_points }
    }

    /// Whether `client` is offered `release`: `u64(SHA-256(release_id || 0x00 || client_id)) mod
    /// 10000 < basis_points`.
    ///
    /// Deterministic for a client, independent between releases, and monotone: raising the share
    /// never withdraws an offer. A client without an id is offered a release only at 10000 basis
    /// points.
    #[must_use]
    pub fn includes(self, release: &ReleaseId, client: Option<&str>) -> bool {
        let reaches = |client| bucket(release, client) < u64::from(self.basis_points);
        self.includes_all() || (!self.paused && client.is_some_and(reaches))
    }
}

/// The place of a client in the rollout of a release: it is offered to the clients at places below its
/// basis points.
pub(crate) fn bucket(release: &ReleaseId, client: &str) -> u64 {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(release.as_str())
        .chain_update([0])
        .chain_update(client)
        .finalize()
        .into();
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte)) % 10_000
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(basis_points: u16) -> Rollout {
        Rollout { basis_points, paused: false }
    }

    proptest! {
        #[test]
        fn raising_the_share_never_takes_an_offer_away(low in 0..=10_000_u16, more in 0..=10_000_u16, client in ".{0,20}") {
            let release: ReleaseId = "rel_1".parse().unwrap();
            let high = low.saturating_add(more).min(10_000);
            prop_assert!(!at(low).includes(&release, Some(&client)) || at(high).includes(&release, Some(&client)));
        }

        #[test]
        fn a_client_keeps_its_place_in_a_release(share in 0..=10_000_u16, client in ".{0,20}", release in "rel_[a-z0-9]{1,20}") {
            let release: ReleaseId = release.parse().unwrap();
            let place = bucket(&release, &client);
            prop_assert!(place < 10_000);
            for _ in 0..2 {
                prop_assert_eq!(at(share).includes(&release, Some(&client)), place < u64::from(share) || share == 10_000);
            }
        }
    }

    /// Pearson's chi-squared statistic of the buckets of clients, in 100 bins.
    fn chi_squared(release: &ReleaseId, client: impl Fn(u32) -> String) -> f64 {
        const BINS: usize = 100;
        const CLIENTS: u32 = 100_000;
        let mut counts = [0_u32; BINS];
        for n in 0..CLIENTS {
            counts[usize::try_from(bucket(release, &client(n))).unwrap() * BINS / 10_000] += 1;
        }
        let expected = f64::from(CLIENTS) / 100.0;
        counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
    }

    #[test]
    fn clients_are_spread_evenly_over_the_buckets_of_each_release() {
        // What chance exceeds once in a thousand times, with 99 degrees of freedom.
        const CRITICAL: f64 = 148.23;
        let releases = ["rel_1", "rel_2", "rel_0199c2f0a1b27c3d8e4f5a6b7c8d9e0f"];
        for release in releases.map(|id| id.parse::<ReleaseId>().unwrap()) {
            let counted = chi_squared(&release, |n| n.to_string());
            let named = chi_squared(&release, |n| format!("device-{n:08x}@site-{}", n % 7));
            assert!(counted < CRITICAL && named < CRITICAL, "{release}: {counted} {named}");
        }
    }

    #[test]
    fn the_bucket_is_the_documented_one_at_the_boundary_and_one_before() {
        // python3: int.from_bytes(hashlib.sha256(b"rel_1\0client-1").digest()[:8], "big") % 10000
        let release: ReleaseId = "rel_1".parse().unwrap();
        let bucket = u16::try_from(bucket(&release, "client-1")).unwrap();
        assert_eq!(bucket, 2_453);
        assert!(!at(bucket).includes(&release, Some("client-1")));
        assert!(at(bucket + 1).includes(&release, Some("client-1")));
    }

    #[test]
    fn the_share_of_clients_is_the_share_asked_for_and_releases_are_independent() {
        let (one, two): (ReleaseId, ReleaseId) =
            ("rel_1".parse().unwrap(), "rel_2".parse().unwrap());
        let admitted =
            |release: &ReleaseId, client: &String| at(2_500).includes(release, Some(client));
        let clients: Vec<_> = (0..20_000).map(|n| format!("client-{n}")).collect();
        let first: Vec<_> = clients.iter().filter(|client| admitted(&one, client)).collect();
        let both = first.iter().filter(|client| admitted(&two, client)).count();
        assert!((4_800..5_200).contains(&first.len()), "{}", first.len());
        assert!((1_120..1_380).contains(&both), "{both}");
    }

    #[test]
    fn a_paused_release_is_offered_to_no_one() {
        let release: ReleaseId = "rel_1".parse().unwrap();
        assert!(
            !Rollout { basis_points: 10_000, paused: true }.includes(&release, Some("client-1"))
        );
        assert!(!at(9_999).includes(&release, None) && at(10_000).includes(&release, None));
    }
}
