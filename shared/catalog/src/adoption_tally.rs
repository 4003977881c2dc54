//! What a function instance has counted of its answers and not stored yet, bounded in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use slipway_domain::adoption::{AdoptionCounts, AdoptionKey, CountedDecision};

/// How many products, channels and days are counted at once: what is asked for beyond them in one
/// interval is not counted. Each takes up to 60 KB.
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
    /// What was taken to be stored, and is not yet.
    due: BTreeMap<AdoptionKey, AdoptionCounts>,
    counts: BTreeMap<AdoptionKey, AdoptionCounts>,
}

impl AdoptionTally {
    /// A tally that is to be stored once per `interval` at the most; without one nothing is counted.
    #[must_use]
    pub fn new(interval: Option<SignedDuration>) -> Self {
        Self { interval, state: Mutex::default() }
    }

    /// Counts a decision.
    pub fn count(&self, CountedDecision { key, kind, count }: CountedDecision) {
        if self.interval.is_none() {
            return;
        }
        let mut state = self.lock();
        if let Some(counts) = room_for(&mut state.counts, key) {
            counts.add(kind, count);
        }
    }

    /// Takes the next counts that are to be stored at `now`: none, until the interval since the last
    /// time is over. Whoever stops in between goes on with those that are left.
    pub(crate) fn next_due(&self, now: Timestamp) -> Option<(AdoptionKey, AdoptionCounts)> {
        let interval = self.interval?;
        let mut state = self.lock();
        // A clock that was set back must not stop it.
        let is_early = |taken_at: Timestamp| now.duration_since(taken_at).abs() < interval;
        if state.due.is_empty() && !state.taken_at.is_some_and(is_early) {
            state.taken_at = Some(now);
            state.due = std::mem::take(&mut state.counts);
        }
        state.due.pop_first()
    }

    /// Puts back what could not be stored.
    pub(crate) fn put_back(&self, key: AdoptionKey, counts: AdoptionCounts) {
        if let Some(known) = room_for(&mut self.lock().counts, key) {
            known.merge(counts);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn room_for(
    counts: &mut BTreeMap<AdoptionKey, AdoptionCounts>,
    key: AdoptionKey,
) -> Option<&mut AdoptionCounts> {
    let has_room = counts.len() < MAX_KEYS || counts.contains_key(&key);
    has_room.then(|| counts.entry(key).or_default())
}
