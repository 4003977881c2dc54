//! Lists: entities a page at a time, each page with a bound on what it reads.

use slipway_domain::Result;
use slipway_domain::page::Page;

use super::key_query::{KeyQuery, StartKey, keys_after, partitions_after, sort_key_within};
use super::row::{Item, Stored, decode, text};
use super::table::{Consistency, Table};
use crate::rows::StoredEntity;
use crate::schema::{DOC, Key, PK, SK};

/// The most bytes of entities on a page of a list: Lambda answers 6 MB at the most.
const MAX_PAGE_BYTES: usize = 4 << 20;

/// How many rows a page of `limit` entities reads at the most, whoever may see how few of them.
const fn rows_per_page(limit: usize) -> usize {
    10 * limit + 100
}

/// What a request counts for at least, in rows: a partition without a row has to be asked too.
const ROWS_PER_REQUEST: usize = 10;

/// The same in a list of many partitions of which most may have no row: 36 requests a page.
const ROWS_PER_SPARSE_REQUEST: usize = 3;

impl Table {
    /// A page of a list: up to `limit` entities that `keep` accepts, after `start`. `partitions`,
    /// in the order of their keys or the other way round, are read one after the other, each from
    /// its last row down. Where few are accepted, a page ends after [`rows_per_page`] rows, with
    /// fewer entities or none, and the next one goes on from there.
    ///
    /// # Errors
    /// `invalid_cursor` for a `start` in a list that is read elsewhere.
    pub(crate) async fn list<T: StoredEntity>(
        &self,
        partitions: &[KeyQuery],
        limit: usize,
        start: Option<StartKey>,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T, StartKey>> {
        self.list_counting((partitions, ROWS_PER_REQUEST), limit, start, keep).await
    }

    /// The same of many partitions of which most may have no row.
    ///
    /// # Errors
    /// `invalid_cursor` for a `start` in a list that is read elsewhere.
    pub(crate) async fn list_sparse<T: StoredEntity>(
        &self,
        partitions: &[KeyQuery],
        limit: usize,
        start: Option<StartKey>,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T, StartKey>> {
        self.list_counting((partitions, ROWS_PER_SPARSE_REQUEST), limit, start, keep).await
    }

    async fn list_counting<T: StoredEntity>(
        &self,
        (partitions, rows_per_request): (&[KeyQuery], usize),
        limit: usize,
        start: Option<StartKey>,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T, StartKey>> {
        let (mut partitions, mut start) = partitions_after(partitions, start)?;
        let mut page = PageInProgress::of(limit);
        while let Some((partition, others)) = partitions.split_first() {
            page.begin_partition();
            loop {
                let (rows, next) = self.query(partition, page.fetch(), start.take()).await?;
                if !page.take(&rows, |row| partition.position(row), &keep)? {
                    return Ok(page.before_the_next());
                }
                page.count(rows.len().max(rows_per_request));
                start = next;
                if start.is_none() || page.is_spent() {
                    break;
                }
            }
            if page.is_spent() {
                let end = || (!others.is_empty()).then(|| partition.end());
                return Ok(page.until(start.or_else(end)));
            }
            partitions = others;
        }
        Ok(page.until(None))
    }

    /// A page of a list: up to `limit` entities that `keep` accepts, after `start`, of all
    /// `prefixes` in the order of their sort keys, the last first. It ends as a page of
    /// [`Table::list`] does.
    ///
    /// # Errors
    /// `invalid_cursor` for a `start` in a list that is read elsewhere.
    pub(crate) async fn list_merged<T: StoredEntity>(
        &self,
        prefixes: &[Key; 3],
        limit: usize,
        start: Option<StartKey>,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T, StartKey>> {
        let [Key { pk, .. }, ..] = prefixes;
        let position = |sk: &str| position_of(&Key { pk: pk.clone(), sk: sk.to_owned() });
        let mut below = start.map(|start| sort_key_within(pk, &start)).transpose()?;
        let mut page = PageInProgress::of(limit);
        loop {
            let (rows, horizon) =
                self.descend_all(prefixes, below.as_deref(), page.fetch()).await?;
            let of_row = |row: &Item| position(text(row, SK).unwrap_or_default());
            if !page.take(&rows, of_row, &keep)? {
                return Ok(page.before_the_next());
            }
            page.count(rows.len().max(ROWS_PER_REQUEST));
            if horizon.is_none() || page.is_spent() {
                return Ok(page.until(horizon.as_deref().map(position)));
            }
            below = horizon;
        }
    }

    /// The next rows of all `prefixes` from `below` down, in the order of their sort keys, and how
    /// far down nothing is missing between them; `None` at the end of all.
    async fn descend_all(
        &self,
        prefixes: &[Key],
        below: Option<&str>,
        count: usize,
    ) -> Result<(Vec<Item>, Option<String>)> {
        let (mut rows, mut horizon): (Vec<Item>, Option<String>) = (Vec::new(), None);
        for prefix in prefixes {
            let below = below.map(|sk| Key { pk: prefix.pk.clone(), sk: sk.to_owned() });
            let page = self.descend(prefix, below.as_ref(), count, Consistency::Eventual).await?;
            rows.extend(page.rows);
            horizon = horizon.max(page.next.map(|next| next.sk));
        }
        rows.retain(|row| text(row, SK) >= horizon.as_deref());
        rows.sort_by(|left, right| text(right, SK).cmp(&text(left, SK)));
        Ok((rows, horizon))
    }

    /// A page of the entities at `keys`, in the order of the keys: up to `limit` of those that are
    /// there and that `keep` accepts, after `start`. It ends as a page of [`Table::list`] does.
    ///
    /// # Errors
    /// `invalid_cursor` for a `start` in a list that is read elsewhere.
    pub(crate) async fn list_at<T: StoredEntity>(
        &self,
        keys: &[Key],
        limit: usize,
        start: Option<StartKey>,
        keep: impl Fn(&T) -> bool,
    ) -> Result<Page<T, StartKey>> {
        let mut keys = keys_after(keys, start)?;
        let mut page = PageInProgress::of(limit);
        while let Some((now, later)) = keys.split_at_checked(page.fetch().min(keys.len())) {
            // As an index is read: a list may lag by some milliseconds.
            let mut rows = self.batch_get(now.to_vec(), Consistency::Eventual).await?;
            rows.sort_by(|left, right| text(left, PK).cmp(&text(right, PK)));
            if !page.take(&rows, position, &keep)? {
                return Ok(page.before_the_next());
            }
            page.count(now.len());
            let last = now.last().filter(|_| !later.is_empty());
            if last.is_none() || page.is_spent() {
                return Ok(page.until(last.map(position_of)));
            }
            keys = later;
        }
        Ok(page.until(None))
    }
}

/// A page while it is read.
struct PageInProgress<T> {
    limit: usize,
    items: Vec<T>,
    /// Where the last of the items is.
    last: Option<StartKey>,
    bytes: usize,
    /// How many rows may still be read.
    unread: usize,
    /// How many rows the next request asks for.
    step: usize,
}

impl<T: StoredEntity> PageInProgress<T> {
    fn of(limit: usize) -> Self {
        let unread = rows_per_page(limit);
        Self { limit, items: Vec::new(), last: None, bytes: 0, unread, step: limit + 1 }
    }

    /// Asks for no more than what is missing at first: one row more than fits tells whether there
    /// is a next page.
    fn begin_partition(&mut self) {
        self.step = self.limit + 1 - self.items.len();
    }

    /// How many rows to ask for.
    fn fetch(&self) -> usize {
        self.step.min(self.unread)
    }

    /// Notes that rows were read. Where few of them are kept, larger and larger steps find them.
    fn count(&mut self, rows: usize) {
        self.unread = self.unread.saturating_sub(rows);
        self.step *= 4;
    }

    /// Whether no more rows may be read for this page.
    fn is_spent(&self) -> bool {
        self.unread == 0
    }

    /// Takes what `keep` accepts of `rows`, whose positions are `position`; false, where one of
    /// them has no room on the page.
    fn take(
        &mut self,
        rows: &[Item],
        position: impl Fn(&Item) -> StartKey,
        keep: &impl Fn(&T) -> bool,
    ) -> Result<bool> {
        for row in rows {
            let Stored { value, .. } = decode(row)?;
            if !keep(&value) {
                continue;
            }
            self.bytes += text(row, DOC).map_or(0, str::len);
            let is_too_long = self.bytes > MAX_PAGE_BYTES && !self.items.is_empty();
            if self.items.len() == self.limit || is_too_long {
                return Ok(false);
            }
            self.items.push(value);
            self.last = Some(position(row));
        }
        Ok(true)
    }

    /// The page, which the item that had no room on it follows.
    fn before_the_next(self) -> Page<T, StartKey> {
        Page { items: self.items, next: self.last }
    }

    /// The page, if everything up to `next` was read, or to the end of the list.
    fn until(self, next: Option<StartKey>) -> Page<T, StartKey> {
        Page { items: self.items, next }
    }
}

/// Where a row of the table is.
fn position(row: &Item) -> StartKey {
    let of = |name: &str| text(row, name).map(|value| (name.to_owned(), value.to_owned()));
    [PK, SK].into_iter().filter_map(of).collect()
}

fn position_of(Key { pk, sk }: &Key) -> StartKey {
    StartKey::from([(PK.to_owned(), pk.clone()), (SK.to_owned(), sk.clone())])
}
