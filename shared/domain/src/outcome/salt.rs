//! Digests of clients and networks, with the salt of a release: the same client is another one for
//! each release.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::Network;

/// How many counters a day of a release has: as many reports can be counted at once.
const SHARDS: u8 = 16;
/// How many marks networks have.
const MARKS: u8 = 64;

/// The salt of a release: 128 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportSalt(pub [u8; 16]);

/// Stands for a client or a network: the first 128 bits of SHA-256 of the salt and what it stands
/// for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SaltedDigest([u8; 16]);

impl ReportSalt {
    /// The digest of a client.
    #[must_use]
    pub fn client(&self, client_id: &str) -> SaltedDigest {
        self.digest(b"client", client_id.as_bytes())
    }

    /// The digest of a network.
    #[must_use]
    pub fn network(&self, network: &Network) -> SaltedDigest {
        self.digest(b"network", network.text().as_bytes())
    }

    fn digest(&self, kind: &[u8], what: &[u8]) -> SaltedDigest {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(self.0)
            .chain_update(kind)
            .chain_update([0])
            .chain_update(what)
            .finalize()
            .into();
        let mut first = [0; 16];
        first.iter_mut().zip(digest).for_each(|(byte, from)| *byte = from);
        SaltedDigest(first)
    }
}

impl SaltedDigest {
    /// In hexadecimal digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// The counter that counts the client: always the same one, so that what is taken out meets what
    /// was added.
    #[must_use]
    pub fn shard(&self) -> u8 {
        self.0[0] % SHARDS
    }

    /// The mark that failures from the network are counted with. Two networks may have the same one,
    /// and one never has two.
    #[must_use]
    pub fn mark(&self) -> u8 {
        self.0[0] % MARKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_another_one_for_another_release() {
        let (one, two) = (ReportSalt([1; 16]), ReportSalt([2; 16]));
        assert_eq!(one.client("c"), one.client("c"));
        assert_ne!(one.client("c"), one.client("d"));
        assert_ne!(one.client("c"), two.client("c"));
        assert_eq!(one.client("c").to_hex().len(), 32);
    }

    #[test]
    fn clients_spread_over_all_counters() {
        let salt = ReportSalt([1; 16]);
        let shards: std::collections::BTreeSet<_> =
            (0..400).map(|n| salt.client(&format!("client-{n}")).shard()).collect();
        assert_eq!(shards.len(), usize::from(SHARDS));
    }
}
