//! Which blobs are being read: those must outlive the object they were found in.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts the readers of each blob. Pins are set under the database lock, by whoever found the blob
/// there, so whoever holds that lock knows that no more are coming.
#[derive(Clone, Default)]
pub(super) struct Pins(Arc<Mutex<PinTable>>);

#[derive(Default)]
struct PinTable {
    readers: BTreeMap<i64, usize>,
    /// Garbage that somebody was reading when it became garbage.
    postponed: BTreeSet<i64>,
}

impl Pins {
    fn table(&self) -> MutexGuard<'_, PinTable> {
        // Every update is a single call, so a panic elsewhere leaves no half of one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the blobs until the pin is dropped.
    pub(super) fn pin(&self, blobs: impl IntoIterator<Item = i64>) -> Pin {
        let blobs: Vec<i64> = blobs.into_iter().collect();
        let mut table = self.table();
        for blob in &blobs {
            *table.readers.entry(*blob).or_default() += 1;
        }
        drop(table);
        Pin { pins: self.clone(), blobs }
    }

    /// Of these blobs and the ones postponed before, those that nobody reads. The others are
    /// postponed.
    pub(super) fn unread(&self, freed: BTreeSet<i64>) -> Vec<i64> {
        let mut table = self.table();
        let mut candidates = std::mem::take(&mut table.postponed);
        candidates.extend(freed);
        let (read, unread): (Vec<i64>, Vec<i64>) =
            candidates.into_iter().partition(|blob| table.readers.contains_key(blob));
        table.postponed.extend(read);
        unread
    }
}

/// A reader's hold on blobs.
pub(crate) struct Pin {
    pins: Pins,
    blobs: Vec<i64>,
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut table = self.pins.table();
        for blob in &self.blobs {
            if let Some(readers) = table.readers.get_mut(blob) {
                *readers -= 1;
                if *readers == 0 {
                    table.readers.remove(blob);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_being_read_is_postponed_until_its_last_reader_left() {
        let pins = Pins::default();
        let (one, other) = (pins.pin([7]), pins.pin([7]));
        assert_eq!(pins.unread(BTreeSet::from([7, 8])), [8]);
        drop(one);
        assert!(pins.unread(BTreeSet::new()).is_empty());
        drop(other);
        assert_eq!(pins.unread(BTreeSet::new()), [7]);
    }
}
