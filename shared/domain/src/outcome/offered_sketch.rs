//! How many distinct clients were offered a release, in one kilobyte, and not which.

use std::f64::consts::LN_2;

use sha2::{Digest, Sha256};

use crate::ReleaseId;

/// How many bits of a client's digest choose its register.
const INDEX_BITS: u32 = 10;
/// How many registers a sketch has.
const REGISTERS: usize = 1 << INDEX_BITS;
/// The highest rank: that of a digest whose other bits are all zero.
const MAX_RANK: usize = 64 - INDEX_BITS as usize + 1;
/// The number of registers as the estimate takes it.
const M: f64 = 1_024.0;
/// How registers are written: one symbol for each.
const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A client, as a sketch takes it in: SHA-256 of the release's id and the client's says which
/// register is at least how high. The same client is another one for another release, and the same
/// one on every day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OfferedClient {
    register: usize,
    rank: u8,
}

/// A set of clients: a `HyperLogLog` sketch of 1,024 registers, each of which keeps the highest rank
/// that a client has given it.
///
/// What it estimates has a standard error of 1.04 / √1,024, about 3%; up to some hundred clients
/// it is less than one in thirty. The estimate is that of Ertl (arXiv 1702.01284), which needs no
/// table of corrections and has no bias for small numbers. Order and repetition mean nothing, and
/// the union of two sketches is the sketch of the union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedSketch(Box<[u8; REGISTERS]>);

impl OfferedClient {
    /// The client with this id, among those of a release.
    #[must_use]
    pub fn new(release: &ReleaseId, client_id: &str) -> Self {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(b"offered")
            .chain_update([0])
            .chain_update(release.as_str())
            .chain_update([0])
            .chain_update(client_id)
            .finalize()
            .into();
        let bits = digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
        let register = usize::try_from(bits >> (64 - INDEX_BITS)).unwrap_or_default();
        // A bit behind the last one ends the zeros.
        let rest = bits << INDEX_BITS;
        let zeros = (rest | 1 << (INDEX_BITS - 1)).leading_zeros();
        Self { register, rank: u8::try_from(zeros + 1).unwrap_or(u8::MAX) }
    }
}

impl Default for OfferedSketch {
    fn default() -> Self {
        Self(Box::new([0; REGISTERS]))
    }
}

impl OfferedSketch {
    /// Takes in a client.
    pub fn add(&mut self, OfferedClient { register, rank }: OfferedClient) {
        if let Some(highest) = self.0.get_mut(register) {
            *highest = rank.max(*highest);
        }
    }

    /// Takes in the clients of another sketch.
    pub fn merge(&mut self, other: &Self) {
        for (highest, rank) in self.0.iter_mut().zip(*other.0) {
            *highest = rank.max(*highest);
        }
    }

    /// About how many clients there are.
    #[must_use]
    pub fn estimate(&self) -> u64 {
        let mut registers = [0_u32; MAX_RANK + 1];
        for rank in *self.0 {
            if let Some(number) = registers.get_mut(usize::from(rank)) {
                *number += 1;
            }
        }
        let [unset, ranked @ .., highest] = registers;
        let above = M * tau(1.0 - f64::from(highest) / M);
        let ranked = ranked.iter().rev();
        let set = ranked.fold(above, |sum, number| 0.5 * (sum + f64::from(*number)));
        whole(M / (2.0 * LN_2) * M / (set + M * sigma(f64::from(unset) / M)))
    }

    /// The registers as text: one of 64 symbols for each.
    #[must_use]
    pub fn to_text(&self) -> String {
        let symbol = |rank: &u8| SYMBOLS.get(usize::from(*rank)).copied().map(char::from);
        self.0.iter().filter_map(symbol).collect()
    }

    /// The sketch that was written as `text`; `None` for what is none.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let rank = |symbol: u8| {
            let rank = SYMBOLS.iter().position(|one| *one == symbol);
            rank.filter(|rank| *rank <= MAX_RANK).and_then(|rank| u8::try_from(rank).ok())
        };
        let registers: Vec<u8> = text.bytes().map(rank).collect::<Option<_>>()?;
        Some(Self(registers.try_into().ok()?))
    }
}

/// Ertl's σ of the share of registers that are unset: x + Σ x^(2^k) · 2^(k-1).
fn sigma(mut x: f64) -> f64 {
    if x >= 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut sum) = (1.0, x);
    loop {
        let before = sum;
        x *= x;
        sum += x * y;
        y += y;
        if sum <= before {
            return sum;
        }
    }
}

/// Ertl's τ of the share of registers below the highest rank: (1 - x - Σ (1 - x^(2^-k))² · 2^-k) / 3.
fn tau(mut x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return 0.0;
    }
    let (mut y, mut sum) = (1.0, 1.0 - x);
    loop {
        let before = sum;
        x = x.sqrt();
        y *= 0.5;
        sum -= (1.0 - x).powi(2) * y;
        if sum >= before {
            return sum / 3.0;
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is not negative, and what is too large becomes the largest number"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn client(release: u32, number: u32) -> OfferedClient {
        let release = format!("rel_{release}").parse().unwrap();
        OfferedClient::new(&release, &format!("client-{number}"))
    }

    fn sketch(release: u32, numbers: impl IntoIterator<Item = u32>) -> OfferedSketch {
        let mut sketch = OfferedSketch::default();
        numbers.into_iter().for_each(|number| sketch.add(client(release, number)));
        sketch
    }

    #[test]
    fn the_estimate_is_within_four_standard_errors() {
        let allowed = 4.0 * 1.04 / M.sqrt();
        for (clients, releases) in
            [(1, 50), (10, 50), (100, 50), (1_000, 20), (3_000, 20), (10_000, 8), (100_000, 3)]
        {
            let errors = (0..releases).map(|release| {
                let told = sketch(release, 0..clients).estimate();
                f64::from(u32::try_from(told).unwrap()) / f64::from(clients) - 1.0
            });
            let errors: Vec<_> = errors.collect();
            assert!(errors.iter().all(|error| error.abs() <= allowed), "{clients}: {errors:?}");
            // What chance does to each of them evens out: there is no bias.
            let mean = errors.iter().sum::<f64>() / f64::from(releases);
            assert!(mean.abs() <= allowed / f64::from(releases).sqrt(), "{clients}: {mean}");
        }
        assert_eq!(OfferedSketch::default().estimate(), 0);
    }

    #[test]
    fn a_full_sketch_ends_too() {
        let highest = u8::try_from(MAX_RANK).unwrap();
        assert_eq!(OfferedSketch(Box::new([highest; REGISTERS])).estimate(), u64::MAX);
        assert!(OfferedSketch(Box::new([highest - 1; REGISTERS])).estimate() > 1 << 60);
        let mut one = OfferedSketch::default();
        one.add(OfferedClient { register: REGISTERS - 1, rank: highest });
        assert_eq!(one.estimate(), 1);
    }

    #[test]
    fn a_client_is_another_one_for_another_release() {
        assert_eq!(client(1, 7), client(1, 7));
        assert_ne!(client(1, 7), client(2, 7));
        assert_ne!(sketch(1, 0..100), sketch(2, 0..100));
    }

    #[test]
    fn what_is_no_sketch_is_not_read() {
        let text = OfferedSketch::default().to_text();
        assert_eq!(text, "A".repeat(REGISTERS));
        for other in ["", &text[1..], &format!("{text}A"), &text.replacen('A', "_", 1)] {
            assert_eq!(OfferedSketch::from_text(other), None);
        }
        assert_eq!(OfferedSketch::from_text(&text.replacen('A', "é", 1)), None);
    }

    proptest! {
        #[test]
        fn order_and_repetition_mean_nothing_and_unions_are_exact(
            (numbers, shuffled) in prop::collection::vec(0_u32..5_000, 0..400)
                .prop_flat_map(|numbers| (Just(numbers.clone()), Just(numbers).prop_shuffle())),
            split in 0_usize..400,
        ) {
            let all = sketch(1, numbers.iter().copied());
            let again = shuffled.iter().chain(&shuffled).copied();
            prop_assert_eq!(&sketch(1, again), &all);
            let (first, second) = numbers.split_at(split.min(numbers.len()));
            let (first, second) =
                (sketch(1, first.iter().copied()), sketch(1, second.iter().copied()));
            let (mut one_way, mut other_way) = (first.clone(), second.clone());
            one_way.merge(&second);
            other_way.merge(&first);
            prop_assert_eq!(&one_way, &all);
            prop_assert_eq!(&other_way, &all);
            prop_assert_eq!(OfferedSketch::from_text(&all.to_text()), Some(all));
        }
    }
}
