//! Lists whose pages have numbers, and totals that are right however long the list is.
//!
//! A list is cut into segments. A new entry goes into the newest segment, or opens another one
//! where that has ever had [`SEGMENT_SIZE`]. The row of a segment counts its entries by their
//! class, and changes in the transaction that changes an entry. So a total is the sum over few
//! small rows, and a page is found by skipping whole segments by their counts.

use slipway_domain::Result;

use crate::rows::StoredEntity;
use crate::schema::NumberedList;
use crate::store::{
    Consistency, CounterUpdate, Item, Row, Table, Transaction, decode, number, numbers,
};

/// How many entries a segment takes, those that were deleted since included.
const SEGMENT_SIZE: u64 = 200;
/// The number of entries that a segment has ever had. It never falls.
const CREATED: &str = "created";
/// What the names of the numbers of entries of a class begin with.
const CLASS: &str = "class:";

/// Which entries of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRange {
    /// How many come before.
    pub offset: usize,
    /// How many at most.
    pub limit: usize,
}

/// Entries of a list, and how many the whole list has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedSlice<T> {
    /// The entries.
    pub items: Vec<T>,
    /// How many the list has.
    pub total: usize,
}

/// What a list with numbered pages shows of an entity.
pub(crate) trait ListEntry: StoredEntity {
    /// The list.
    const LIST: NumberedList;

    /// The entity's id.
    fn id(&self) -> &str;

    /// By what the list can be filtered.
    fn class(&self) -> &'static str;
}

/// The number of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListSegment(pub(crate) u64);

impl<T> NumberedSlice<T> {
    /// `range` of all there is.
    pub(crate) fn of(all: Vec<T>, range: PageRange) -> Self {
        let total = all.len();
        Self { items: all.into_iter().skip(range.offset).take(range.limit).collect(), total }
    }

    /// Nothing.
    pub(crate) fn empty() -> Self {
        Self { items: Vec::new(), total: 0 }
    }
}

impl Table {
    /// The segment that the next entry goes into.
    pub(crate) async fn open_segment(&self, list: NumberedList) -> Result<ListSegment> {
        let newest = self.descend(&list.segments(), None, 1, Consistency::Strong).await?;
        let Some(row) = newest.rows.first() else { return Ok(ListSegment(1)) };
        let ListSegment(newest) = decode(row)?.value;
        let is_full = number(row, CREATED).unwrap_or_default() >= SEGMENT_SIZE;
        Ok(ListSegment(if is_full { newest + 1 } else { newest }))
    }

    /// The segments, oldest first, each with how many entries it has.
    pub(crate) async fn segment_counts(
        &self,
        list: NumberedList,
    ) -> Result<Vec<(ListSegment, usize)>> {
        let rows = self.partition(&list.segments().pk).await?;
        rows.iter().map(|row| count_of(row, None)).collect()
    }

    /// The entries in `range` of those of `class`, or of all: newest segment first, and within one
    /// highest id first. Reads the segments' rows, and the entries of the segments that it shows.
    pub(crate) async fn numbered_slice<T: ListEntry>(
        &self,
        class: Option<&'static str>,
        range: PageRange,
    ) -> Result<NumberedSlice<T>> {
        let rows = self.partition(&T::LIST.segments().pk).await?;
        let segments = rows.iter().rev().map(|row| count_of(row, class));
        let segments = segments.collect::<Result<Vec<_>>>()?;
        let total = segments.iter().map(|(_, count)| count).sum();
        let (mut skip, mut items) = (range.offset, Vec::new());
        for (segment, count) in segments {
            if items.len() >= range.limit {
                break;
            }
            if skip >= count {
                skip -= count;
                continue;
            }
            let part = PageRange { offset: skip, limit: range.limit - items.len() };
            items.extend(self.entries::<T>(segment, class, part).await?);
            skip = 0;
        }
        Ok(NumberedSlice { items, total })
    }

    async fn entries<T: ListEntry>(
        &self,
        ListSegment(segment): ListSegment,
        class: Option<&'static str>,
        range: PageRange,
    ) -> Result<Vec<T>> {
        let all = usize::try_from(SEGMENT_SIZE).unwrap_or(usize::MAX);
        let wanted = range.offset.saturating_add(range.limit);
        let limit = if class.is_some() { all } else { wanted.min(all) };
        let prefix = T::LIST.entries(segment);
        let page = self.descend(&prefix, None, limit, Consistency::Strong).await?;
        let entries = page.rows.iter().map(|row| Ok(decode::<T>(row)?.value));
        let mut entries = entries.collect::<Result<Vec<T>>>()?;
        entries.retain(|entry| class.is_none_or(|class| entry.class() == class));
        Ok(entries.into_iter().skip(range.offset).take(range.limit).collect())
    }
}

impl<T> Transaction<'_, T> {
    /// Adds an entry to a segment. Where that has become full since it was read, the attempt is
    /// made anew.
    pub(crate) fn add_entry<E: ListEntry>(
        &mut self,
        segment: ListSegment,
        entry: &E,
    ) -> Result<()> {
        self.create(row(segment, entry)?)?;
        let mut counts = counts::<E>(segment)?;
        counts.add(CREATED, 1);
        counts.add(&number_of(entry.class()), 1);
        counts.require_below(CREATED, SEGMENT_SIZE);
        self.update_counter(counts).map(|_| ())
    }

    /// Replaces an entry. The caller's transaction depends on the entity that it follows from.
    pub(crate) fn replace_entry<E: ListEntry>(
        &mut self,
        segment: ListSegment,
        before: &E,
        after: &E,
    ) -> Result<()> {
        self.put(row(segment, after)?)?;
        if before.class() == after.class() {
            return Ok(());
        }
        let mut counts = counts::<E>(segment)?;
        counts.add(&number_of(before.class()), -1);
        counts.add(&number_of(after.class()), 1);
        self.update_counter(counts).map(|_| ())
    }

    /// Deletes an entry. The caller's transaction depends on the entity that it follows from.
    pub(crate) fn delete_entry<E: ListEntry>(
        &mut self,
        segment: ListSegment,
        entry: &E,
    ) -> Result<()> {
        self.delete_existing(&E::LIST.entry(segment.0, entry.id()))?;
        let mut counts = counts::<E>(segment)?;
        counts.add(&number_of(entry.class()), -1);
        self.update_counter(counts).map(|_| ())
    }
}

/// A segment, and how many entries of `class` it has, or of all classes.
fn count_of(row: &Item, class: Option<&str>) -> Result<(ListSegment, usize)> {
    let of_class = |name: &str| class.is_none_or(|class| class == name);
    let counted = numbers(row, CLASS).filter(|(name, _)| of_class(name));
    let count: u64 = counted.map(|(_, count)| count).sum();
    Ok((decode(row)?.value, usize::try_from(count).unwrap_or(usize::MAX)))
}

fn row<E: ListEntry>(segment: ListSegment, entry: &E) -> Result<Row> {
    Row::new(E::LIST.entry(segment.0, entry.id()), entry)
}

fn counts<E: ListEntry>(segment: ListSegment) -> Result<CounterUpdate> {
    CounterUpdate::kept(E::LIST.segment(segment.0), &segment)
}

fn number_of(class: &str) -> String {
    format!("{CLASS}{class}")
}
