//! Lists whose pages are numbered: segments, and what lists show of their entities.

use super::Key;

/// A list with numbered pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberedList {
    /// All release bundles.
    ReleaseBundles,
    /// All promotions of release bundles.
    Promotions,
}

impl NumberedList {
    /// Partition key of the segments, and what that of a segment's entries begins with.
    const fn partitions(self) -> (&'static str, &'static str) {
        match self {
            Self::ReleaseBundles => ("BUNDLESEGMENTS", "BUNDLELIST"),
            Self::Promotions => ("PROMOTIONSEGMENTS", "PROMOTIONLIST"),
        }
    }

    /// What the keys of all segments begin with.
    #[must_use]
    pub fn segments(self) -> Key {
        Key::new(self.partitions().0, "SEGMENT#")
    }

    /// A segment: how many entries it has, by their class.
    #[must_use]
    pub fn segment(self, number: u64) -> Key {
        let Key { pk, sk } = self.segments();
        Key::new(pk, format!("{sk}{number:010}"))
    }

    /// What the keys of the entries of a segment begin with.
    #[must_use]
    pub fn entries(self, segment: u64) -> Key {
        Key::new(format!("{}#{segment:010}", self.partitions().1), "ID#")
    }

    /// An entry: what lists show of an entity. Ids sort by the time of creation.
    #[must_use]
    pub fn entry(self, segment: u64, id: &str) -> Key {
        let Key { pk, sk } = self.entries(segment);
        Key::new(pk, format!("{sk}{id}"))
    }
}
