//! Counts of decisions: which versions are in the field.
//!
//! A function instance counts its answers in memory, and adds them to the rows of their product,
//! channel and day once a minute. They are no entity that anybody changes, so that no audit event
//! goes with them.

use std::sync::Arc;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use slipway_domain::adoption::{AdoptionCounts, AdoptionKey, DailyAdoption};
use slipway_domain::{Error, ProductId, Result};

use crate::adoption_tally::AdoptionTally;
use crate::schema;
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
    /// product and channel. What can't be stored is kept for the next time.
    ///
    /// # Errors
    /// The last failure, as DynamoDB answers.
    pub async fn record_due(&self, now: Timestamp) -> Result<()> {
        let mut outcome = Ok(());
        while let Some((key, counts)) = self.tally.next_due(now) {
            if let Err(error) = self.add(&key, &counts, now).await {
                self.tally.put_back(key, counts);
                outcome = Err(error);
            }
        }
        outcome
    }

    async fn add(&self, key: &AdoptionKey, counts: &AdoptionCounts, now: Timestamp) -> Result<()> {
        let place = &schema::adoption(key);
        self.table
            .transact(|mut tx| async move {
                let stored: Option<Stored<DailyAdoption>> = self.table.get(place).await?;
                let rev = stored.as_ref().map(|stored| stored.rev);
                let mut sum = stored.map(|stored| stored.value.counts).unwrap_or_default();
                sum.merge(counts.clone());
                let day = DailyAdoption { key: key.clone(), counts: sum, as_of: now };
                let row = Row::new(place.clone(), &day)?.expires_at(end_of_keeping(key.date)?);
                tx.put_if_unchanged(row, rev)?;
                Ok(tx.returning(()))
            })
            .await
    }
}

impl Reader {
    /// Lets `take` have the counts since the day `from` of a product that the principal may know of,
    /// all channels, a megabyte at a time.
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
}

fn end_of_keeping(date: Date) -> Result<Timestamp> {
    let end = date.checked_add(KEPT_DAYS.days()).map_err(Error::internal)?;
    Ok(end.to_zoned(TimeZone::UTC).map_err(Error::internal)?.timestamp())
}
