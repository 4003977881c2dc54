//! What decisions needed lately, bounded in bytes.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use lru::LruCache;
use slipway_domain::channel_head::ChannelHead;
use slipway_domain::policy::LevelPolicy;
use slipway_domain::product::Product;
use slipway_domain::release::Release;
use slipway_domain::tenant::Tenant;

use crate::decision_lookups::ReleasePage;
use crate::required_releases::RequiredPage;
use crate::schema::Key;

/// The most that a cache holds, in bytes of JSON: whoever asks for many large channels, or makes up
/// ids, can't fill the memory.
const MAX_BYTES: usize = 8 << 20;
/// What an entry takes beside its row: keys, pointers, and the missing row of an id that was made
/// up.
const ENTRY_BYTES: usize = 512;

/// What decisions needed lately. An entry is used for its time to live, then read again. The one
/// that was not used for longest goes first, once its time is over or the bytes are too many.
#[derive(Debug)]
pub struct DecisionCache {
    ttl: SignedDuration,
    entries: Mutex<Entries>,
}

#[derive(Debug)]
struct Entries {
    by_key: LruCache<Key, Entry>,
    bytes: usize,
}

#[derive(Debug)]
struct Entry {
    read_at: Timestamp,
    bytes: usize,
    row: CachedRow,
}

/// A row that decisions need, `None` where there is no such row; or a page of rows.
#[derive(Debug, Clone)]
pub(crate) enum CachedRow {
    Product(Option<Arc<Product>>),
    ChannelHead(Option<Arc<ChannelHead>>),
    Tenant(Option<Arc<Tenant>>),
    Policy(Option<Arc<LevelPolicy>>),
    Release(Option<Arc<Release>>),
    ReleasePage(ReleasePage),
    RequiredPage(RequiredPage),
}

impl DecisionCache {
    /// An empty cache whose entries are used for `ttl`.
    #[must_use]
    pub fn new(ttl: SignedDuration) -> Self {
        let entries = Entries { by_key: LruCache::unbounded(), bytes: 0 };
        Self { ttl, entries: Mutex::new(entries) }
    }

    /// The row at `key`, if it was read lately.
    pub(crate) fn fresh(&self, key: &Key, now: Timestamp) -> Option<CachedRow> {
        let mut entries = self.lock();
        let entry = entries.by_key.get(key)?;
        self.is_fresh(entry, now).then(|| entry.row.clone())
    }

    /// The row at `key` as it was read last, however long ago that was: a hint, and no use of it.
    pub(crate) fn held(&self, key: &Key) -> Option<CachedRow> {
        self.lock().by_key.peek(key).map(|entry| entry.row.clone())
    }

    /// Keeps a row that was read at `now`, and that is `bytes` of JSON long.
    pub(crate) fn keep(&self, now: Timestamp, key: Key, row: CachedRow, bytes: usize) {
        let mut entries = self.lock();
        let bytes = bytes.saturating_add(ENTRY_BYTES);
        entries.bytes += bytes;
        if let Some(replaced) = entries.by_key.put(key, Entry { read_at: now, bytes, row }) {
            entries.bytes -= replaced.bytes;
        }
        while let Some((_, oldest)) = entries.by_key.peek_lru() {
            if entries.bytes <= MAX_BYTES && self.is_fresh(oldest, now) {
                break;
            }
            let removed = entries.by_key.pop_lru().map_or(0, |(_, entry)| entry.bytes);
            entries.bytes -= removed;
        }
    }

    /// A clock that was set back makes entries from the future: they are read again too.
    fn is_fresh(&self, entry: &Entry, now: Timestamp) -> bool {
        now.duration_since(entry.read_at).abs() < self.ttl
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: SignedDuration = SignedDuration::from_secs(5);

    fn key(number: usize) -> Key {
        Key { pk: format!("PRODUCT#{number}"), sk: "PRODUCT".to_owned() }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn held(cache: &DecisionCache) -> (usize, usize) {
        let entries = cache.lock();
        (entries.by_key.len(), entries.bytes)
    }

    #[test]
    fn what_was_used_lately_stays_and_bytes_are_bounded() {
        let cache = DecisionCache::new(TTL);
        let row = || CachedRow::Product(None);
        for number in 0..100 {
            cache.keep(at(0), key(number), row(), 256 << 10);
            assert!(cache.fresh(&key(0), at(0)).is_some(), "{number}");
            assert!(held(&cache).1 <= MAX_BYTES);
        }
        assert!(cache.fresh(&key(1), at(0)).is_none());
        assert!(cache.fresh(&key(99), at(0)).is_some());
        // Ids that were made up count too.
        for number in 0..100_000 {
            cache.keep(at(0), key(1000 + number), row(), 0);
        }
        assert_eq!(held(&cache), (MAX_BYTES / ENTRY_BYTES, MAX_BYTES));
    }

    #[test]
    fn a_row_goes_after_its_time() {
        let cache = DecisionCache::new(TTL);
        for number in 0..100 {
            cache.keep(at(0), key(number), CachedRow::Product(None), 1000);
        }
        assert!(cache.fresh(&key(1), at(4)).is_some());
        assert!(cache.fresh(&key(1), at(5)).is_none());
        assert!(cache.fresh(&key(1), at(-5)).is_none());
        cache.keep(at(5), key(100), CachedRow::Product(None), 1000);
        assert_eq!(held(&cache), (1, 1000 + ENTRY_BYTES));
    }

    #[test]
    fn a_row_that_is_read_again_counts_once() {
        let cache = DecisionCache::new(TTL);
        for seconds in 0..10 {
            cache.keep(at(seconds), key(1), CachedRow::Product(None), 1000);
        }
        assert_eq!(held(&cache), (1, 1000 + ENTRY_BYTES));
    }
}
