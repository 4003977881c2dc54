//! What a function instance has counted of its answers and not stored yet, bounded in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use slipway_domain::adoption::{AdoptionCounts, AdoptionKey, CountedDecision};
use slipway_domain::outcome::{CountedOffer, OfferedKey, OfferedSketch};

/// How many products, channels and days are counted at once, and how many releases and days: what
/// is asked for beyond them in one interval is not counted. Each product takes up to 60 KB, each
/// release 1 KB.
const MAX_KEYS: usize = 64;

/// Counts of decisions, until they are stored.
#[derive(Debug)]
pub struct AdoptionTally {
    interval: Option<SignedDuration>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken_at: Option<Timestamp>,
    decisions: Counts<AdoptionKey, AdoptionCounts>,
    offered: Counts<OfferedKey, OfferedSketch>,
}

/// Counts of one kind.
#[derive(Debug)]
struct Counts<K, V> {
    /// What was taken to be stored, and is not yet.
    due: BTreeMap<K, V>,
    /// What was counted since.
    since: BTreeMap<K, V>,
}

/// What is to be stored in one row.
#[derive(Debug)]
pub(crate) enum DueCount {
    /// The decisions on a product and channel on a day.
    Decisions(AdoptionKey, AdoptionCounts),
    /// The clients that were offered a release on a day.
    Offered(OfferedKey, OfferedSketch),
}

impl AdoptionTally {
    /// A tally that is to be stored once per `interval` at the most; without one nothing is
    /// counted.
    #[must_use]
    pub fn new(interval: Option<SignedDuration>) -> Self {
        Self { interval, state: Mutex::default() }
    }

    /// Counts a decision.
    pub fn count(&self, CountedDecision { key, kind, count }: CountedDecision) {
        if self.interval.is_none() {
            return;
        }
        if let Some(counts) = self.lock().decisions.room_for(key) {
            counts.add(kind, count);
        }
    }

    /// Counts the client of an offer.
    pub fn count_offer(&self, CountedOffer { key, client }: CountedOffer) {
        if self.interval.is_none() {
            return;
        }
        if let Some(clients) = self.lock().offered.room_for(key) {
            clients.add(client);
        }
    }

    /// Takes the next counts that are to be stored at `now`: none, until the interval since the
    /// last time is over. Whoever stops in between goes on with those that are left.
    pub(crate) fn next_due(&self, now: Timestamp) -> Option<DueCount> {
        let interval = self.interval?;
        let mut state = self.lock();
        // A clock that was set back must not stop it.
        let is_early = |taken_at: Timestamp| now.duration_since(taken_at).abs() < interval;
        if !state.has_due() && !state.taken_at.is_some_and(is_early) {
            state.taken_at = Some(now);
            state.decisions.take();
            state.offered.take();
        }
        state.pop()
    }

    /// Puts back what could not be stored.
    pub(crate) fn put_back(&self, count: DueCount) {
        let mut state = self.lock();
        match count {
            DueCount::Decisions(key, counts) => {
                if let Some(known) = state.decisions.room_for(key) {
                    known.merge(counts);
                }
            }
            DueCount::Offered(key, clients) => {
                if let Some(known) = state.offered.room_for(key) {
                    known.merge(&clients);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_due(&self) -> bool {
        !self.decisions.due.is_empty() || !self.offered.due.is_empty()
    }

    fn pop(&mut self) -> Option<DueCount> {
        if let Some((key, counts)) = self.decisions.due.pop_first() {
            return Some(DueCount::Decisions(key, counts));
        }
        let (key, clients) = self.offered.due.pop_first()?;
        Some(DueCount::Offered(key, clients))
    }
}

impl<K, V> Default for Counts<K, V> {
    fn default() -> Self {
        Self { due: BTreeMap::new(), since: BTreeMap::new() }
    }
}

impl<K: Ord, V: Default> Counts<K, V> {
    fn take(&mut self) {
        self.due = std::mem::take(&mut self.since);
    }

    fn room_for(&mut self, key: K) -> Option<&mut V> {
        let has_room = self.since.len() < MAX_KEYS || self.since.contains_key(&key);
        has_room.then(|| self.since.entry(key).or_default())
    }
}

#[cfg(test)]
mod tests {
    use slipway_domain::ReleaseId;
    use slipway_domain::outcome::OfferedClient;

    use super::*;

    fn offer(release: usize, client: &str) -> CountedOffer {
        let release_id: ReleaseId = format!("rel_{release:03}").parse().unwrap();
        let client = OfferedClient::new(&release_id, client);
        CountedOffer { key: OfferedKey { release_id, date: "2026-01-31".parse().unwrap() }, client }
    }

    fn due(tally: &AdoptionTally, now: &str) -> Vec<(String, u64)> {
        let next = || tally.next_due(now.parse().unwrap());
        let due = std::iter::from_fn(next).map(|due| match due {
            DueCount::Offered(key, clients) => (key.release_id.to_string(), clients.estimate()),
            other @ DueCount::Decisions(..) => panic!("{other:?}"),
        });
        due.collect()
    }

    #[test]
    fn offers_of_so_many_releases_are_counted_and_none_without_an_interval() {
        let interval = SignedDuration::from_mins(1);
        let (tally, off) = (AdoptionTally::new(Some(interval)), AdoptionTally::new(None));
        for release in 0..100 {
            tally.count_offer(offer(release, "a"));
            off.count_offer(offer(release, "a"));
        }
        // One that is counted already has room.
        tally.count_offer(offer(0, "b"));
        let counted = due(&tally, "2026-01-31T12:00:00Z");
        assert_eq!((counted.len(), &counted[0]), (MAX_KEYS, &("rel_000".to_owned(), 2)));
        assert_eq!(due(&off, "2026-01-31T12:00:00Z"), []);
    }

    #[test]
    fn what_could_not_be_stored_is_due_again_a_minute_later() {
        let tally = AdoptionTally::new(Some(SignedDuration::from_mins(1)));
        tally.count_offer(offer(1, "a"));
        let taken = tally.next_due("2026-01-31T12:00:00Z".parse().unwrap()).unwrap();
        tally.count_offer(offer(1, "b"));
        tally.put_back(taken);
        assert_eq!(due(&tally, "2026-01-31T12:00:59Z"), []);
        assert_eq!(due(&tally, "2026-01-31T12:01:00Z"), [("rel_001".to_owned(), 2)]);
    }
}
