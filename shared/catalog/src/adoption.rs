//! Counts of decisions: which versions are in the field, and how many clients were offered a
//! release.
//!
//! A function instance counts its answers in memory, and adds them to the rows of their product,
//! channel and day, and of their release and day, once a minute. They are no entity
//! that anybody changes, so that no audit event goes with them.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use slipway_domain::adoption::{AdoptionCounts, AdoptionKey, DailyAdoption};
use slipway_domain::outcome::{DailyOffered, OfferedKey, OfferedSketch};
use slipway_domain::{Error, ProductId, ReleaseId, Result};

use crate::adoption_tally::{AdoptionTally, DueCount};
use crate::rows::StoredEntity;
use crate::schema::{self, Key};
use crate::store::{KeyQuery, Reader, Row, Stored, Table};

/// How many days counts are kept.
const KEPT_DAYS: i64 = 400;

/// Stores what an instance has counted, and nothing else.
#[derive(Debug, Clone)]
pub struct AdoptionRecorder {
    table: Table,
    tally: Arc<AdoptionTally>,
}

impl AdoptionRecorder {
    /// Stores the counts of `tally` in `table`.
    #[must_use]
    pub fn new(table: Table, tally: Arc<AdoptionTally>) -> Self {
        Self { table, tally }
    }

    /// Adds what was counted to the stored counts, if it is time: one read and one write for each
    /// product and channel, and for each release. What can't be stored is kept for the next time.
    ///
    /// # Errors
    /// The last failure, as DynamoDB answers.
    pub async fn record_due(&self, now: Timestamp) -> Result<()> {
        let mut outcome = Ok(());
        while let Some(due) = self.tally.next_due(now) {
            let stored = match &due {
                DueCount::Decisions(key, counts) => self.add_decisions(key, counts, now).await,
                DueCount::Offered(key, clients) => self.add_offered(key, clients).await,
            };
            if let Err(error) = stored {
                self.tally.put_back(due);
                outcome = Err(error);
            }
        }
        outcome
    }

    async fn add_decisions(
        &self,
        key: &AdoptionKey,
        counts: &AdoptionCounts,
        now: Timestamp,
    ) -> Result<()> {
        let add = |stored: Option<DailyAdoption>| {
            let mut sum = stored.map(|stored| stored.counts).unwrap_or_default();
            sum.merge(counts.clone());
            Some(DailyAdoption { key: key.clone(), counts: sum, as_of: now })
        };
        self.add(&schema::adoption(key), key.date, add).await
    }

    async fn add_offered(&self, key: &OfferedKey, clients: &OfferedSketch) -> Result<()> {
        let add = |stored: Option<DailyOffered>| {
            let known = stored.map(|stored| stored.clients);
            let mut all = known.clone().unwrap_or_default();
            all.merge(clients);
            // Most clients ask again, and are in it.
            let day = DailyOffered { key: key.clone(), clients: all };
            (known.as_ref() != Some(&day.clients)).then_some(day)
        };
        self.add(&schema::offered(key), key.date, add).await
    }

    /// Writes what `add` makes of the stored value of a day; nothing, where it makes none.
    async fn add<T: StoredEntity>(
        &self,
        place: &Key,
        date: Date,
        add: impl Fn(Option<T>) -> Option<T>,
    ) -> Result<()> {
        let add = &add;
        self.table
            .transact(|mut tx| async move {
                let stored: Option<Stored<T>> = self.table.get(place).await?;
                let rev = stored.as_ref().map(|stored| stored.rev);
                if let Some(sum) = add(stored.map(|stored| stored.value)) {
                    let row = Row::new(place.clone(), &sum)?.expires_at(end_of_keeping(date)?);
                    tx.put_if_unchanged(row, rev)?;
                }
                Ok(tx.returning(()))
            })
            .await
    }
}

impl Reader {
    /// Lets `take` have the counts since the day `from` of a product that the principal may know
    /// of, all channels, a megabyte at a time.
    ///
    /// # Errors
    /// `forbidden` for customers: they are the vendor's.
    pub async fn list_adoption(
        &self,
        product: &ProductId,
        from: Date,
        mut take: impl FnMut(DailyAdoption),
    ) -> Result<()> {
        self.require_vendor("adoption")?;
        let days =
            KeyQuery::of_table_from(schema::adoption_of(product), schema::adoption_from(from));
        self.table.each_page(&days, |page| page.into_iter().for_each(&mut take)).await
    }

    /// The clients that were offered a release that the principal may know of, day by day.
    ///
    /// # Errors
    /// `forbidden` for customers: they are the vendor's.
    pub async fn list_offered(&self, release: &ReleaseId) -> Result<Vec<DailyOffered>> {
        self.require_vendor("the health of a release")?;
        let (all, mut days) = (KeyQuery::of_partition(schema::offered_of(release)), Vec::new());
        self.table.each_page(&all, |page| days.extend(page)).await?;
        Ok(days)
    }
}

fn end_of_keeping(date: Date) -> Result<Timestamp> {
    let end = date.checked_add(KEPT_DAYS.days()).map_err(Error::internal)?;
    Ok(end.to_zoned(TimeZone::UTC).map_err(Error::internal)?.timestamp())
}
