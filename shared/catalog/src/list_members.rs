//! The entries of a list with numbered pages that belong to something else as well, as the release
//! bundles that have a component do. A row of each leads to the segment that its entry is in.

use slipway_domain::Result;

use crate::numbered_list::{ListEntry, ListSegment, NumberedSlice, PageRange};
use crate::schema::{Key, SK};
use crate::store::{Consistency, KeyQuery, Row, Table, Transaction, decode, text};

/// Which members are listed.
pub(crate) type Keep<'a, T> = Option<&'a (dyn Fn(&T) -> bool + Sync)>;

impl Table {
    /// The members in `range` of those at `prefix` that `keep` keeps, newest first. All their rows
    /// are read, and what lists show of those in `range`, or of all where there is a `keep`.
    pub(crate) async fn member_slice<T: ListEntry>(
        &self,
        prefix: &Key,
        keep: Keep<'_, T>,
        range: PageRange,
    ) -> Result<NumberedSlice<T>> {
        let members = self.members(prefix).await?;
        let Some(keep) = keep else {
            let NumberedSlice { items, total } = NumberedSlice::of(members, range);
            return Ok(NumberedSlice { items: self.entries_of(items).await?, total });
        };
        let mut all = self.entries_of(members).await?;
        all.retain(keep);
        Ok(NumberedSlice::of(all, range))
    }

    /// The ids of the members at `prefix`, newest first, with their segments.
    async fn members(&self, prefix: &Key) -> Result<Vec<(String, ListSegment)>> {
        let mut members = Vec::new();
        let listing = KeyQuery::of_table(prefix.pk.clone(), prefix.sk.clone());
        let take = |rows: Vec<_>| {
            for row in rows {
                let id = text(&row, SK).and_then(|sk| sk.strip_prefix(prefix.sk.as_str()));
                members.push((id.unwrap_or_default().to_owned(), decode(&row)?.value));
            }
            Ok(())
        };
        self.each_page_of_rows(&listing, take).await?;
        members.reverse();
        Ok(members)
    }

    /// What lists show of `members`, newest first. What is deleted meanwhile is left out.
    async fn entries_of<T: ListEntry>(
        &self,
        members: Vec<(String, ListSegment)>,
    ) -> Result<Vec<T>> {
        let keys = members.iter().map(|(id, segment)| T::LIST.entry(segment.0, id));
        let rows = self.batch_get(keys.collect(), Consistency::Strong).await?;
        let entries = rows.iter().map(|row| Ok(decode::<T>(row)?.value));
        let mut entries = entries.collect::<Result<Vec<_>>>()?;
        entries.sort_by(|a, b| b.id().cmp(a.id()));
        Ok(entries)
    }
}

impl<T> Transaction<'_, T> {
    /// Adds the row at `key` that leads to the `segment` of a new member.
    pub(crate) fn add_member(&mut self, key: Key, segment: ListSegment) -> Result<()> {
        self.create(Row::new(key, &segment)?).map(|_| ())
    }
}
