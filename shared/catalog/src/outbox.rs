//! What the table's stream hands on: changes that were made, and work to be done.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use slipway_domain::audit::EventType;
use slipway_domain::snapshot::Work;
use slipway_domain::{Error, Result, Timestamp};

use crate::contention::Contention;
use crate::deed::{Deed, OUTBOX_LIFETIME};
use crate::row::Row;
use crate::schema;
use crate::table::Writer;
use crate::transaction::Commit;

pub use crate::schema::{CHANGES, WORK};

/// DynamoDB takes 100 writes in a transaction; one is the audit event.
const AT_ONCE: usize = 99;

/// An event of the table's stream: new rows, as the view type `NEW_IMAGE` has them.
#[derive(Debug, Deserialize)]
pub struct Inserted {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Debug, Deserialize)]
struct Record {
    dynamodb: Change,
}

#[derive(Debug, Deserialize)]
struct Change {
    #[serde(rename = "NewImage")]
    new_image: Image,
}

#[derive(Debug, Deserialize)]
struct Image {
    doc: Text,
}

#[derive(Debug, Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

impl Inserted {
    /// The rows' entities, in the order of the stream.
    ///
    /// # Errors
    /// `internal` for a row of another kind: the event source's filter lets none through.
    pub fn entities<T: DeserializeOwned>(&self) -> Result<Vec<T>> {
        let docs = self.records.iter().map(|record| &record.dynamodb.new_image.doc.text);
        docs.map(|doc| serde_json::from_str(doc).map_err(Error::internal)).collect()
    }
}

impl Writer {
    /// Hands out work: the stream brings each piece to a function of its own. Handing out the same work again changes nothing.
    pub async fn hand_out(&self, work: &[Work], deed: &Deed) -> Result<()> {
        for some in work.chunks(AT_ONCE) {
            self.hand_out_some(some, deed).await?;
        }
        Ok(())
    }

    async fn hand_out_some(&self, work: &[Work], deed: &Deed) -> Result<()> {
        let mut contention = Contention::new();
        loop {
            let mut tx = self.table.transaction();
            for piece in work {
                tx.set(row(piece)?)?;
            }
            let generation = work.first().map_or("", |piece| piece.generation_id.as_str());
            tx.set(deed.audit(EventType::SnapshotRequested, generation)?)?;
            match tx.commit().await? {
                Commit::Done => return Ok(()),
                Commit::Cancelled(_) => contention.overtaken().await?,
            }
        }
    }
}

/// The row follows from the work alone: writing it twice is no change, and the stream tells of it once.
fn row(work: &Work) -> Result<Row> {
    let end = work.at.saturating_add(OUTBOX_LIFETIME).unwrap_or(Timestamp::MAX);
    Ok(Row::first(schema::work(&work.generation_id, &work.tenant_id), work)?.until(end))
}
