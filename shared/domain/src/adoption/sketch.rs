//! A sketch of a set of clients: how many there are at least, and not which.

use sha2::{Digest, Sha256};

use super::AdoptionKey;

/// A set of clients in 64 bits. Each client sets one bit, which its id determines together with
/// product, channel and day: it is another one tomorrow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClientSketch(u64);

impl ClientSketch {
    /// The sketch of one client, among those who are counted under `key`.
    #[must_use]
    pub fn of(key: &AdoptionKey, client_id: &str) -> Self {
        let digest = Sha256::new()
            .chain_update(key.product_id.as_str())
            .chain_update([0])
            .chain_update(key.channel.as_str())
            .chain_update([0])
            .chain_update(key.date.to_string())
            .chain_update([0])
            .chain_update(client_id)
            .finalize();
        Self(1 << (digest.first().map_or(0, |byte| byte % 64)))
    }

    /// The sketch with these bits.
    #[must_use]
    pub fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// Its bits.
    #[must_use]
    pub fn bits(self) -> u64 {
        self.0
    }

    /// The clients of both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// How many clients there are at least: two may have set the same bit, and one never sets two.
    #[must_use]
    pub fn at_least(self) -> u32 {
        self.0.count_ones()
    }
}
