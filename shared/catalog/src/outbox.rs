//! What the table's stream hands on: changes that were made, and work to be done.

use serde::Deserialize;
use serde_json::json;
use slipway_domain::audit::{AuditEvent, AuditSubject, Change, EventType};
use slipway_domain::{Error, Result, Timestamp};
use slipway_snapshot::{CatalogChange, GenerationMode, WorkItem};

use crate::audit::{AuditContext, OUTBOX_LIFETIME};
use crate::authorization::Protected;
use crate::halting::HaltCheck;
use crate::rows::{self, FIRST_FORM, StoredEntity};
use crate::schema;
use crate::store::{Row, Writer};

pub use crate::schema::{AUDIT_EVENTS, CHANGES, WORK};

/// DynamoDB takes 100 writes in a transaction; one is the audit event.
const AT_ONCE: usize = 99;

/// An event of the table's stream: new rows, as the view type `NEW_IMAGE` has them.
#[derive(Debug, Deserialize)]
pub struct StreamEvent {
    #[serde(rename = "Records")]
    records: Vec<StreamRecord>,
}

#[derive(Debug, Deserialize)]
struct StreamRecord {
    dynamodb: StreamImage,
}

#[derive(Debug, Deserialize)]
struct StreamImage {
    #[serde(rename = "NewImage")]
    new_image: NewImage,
}

#[derive(Debug, Deserialize)]
struct NewImage {
    doc: StringAttribute,
    #[serde(rename = "v")]
    form: Option<NumberAttribute>,
}

#[derive(Debug, Deserialize)]
struct NumberAttribute {
    #[serde(rename = "N")]
    digits: String,
}

#[derive(Debug, Deserialize)]
struct StringAttribute {
    #[serde(rename = "S")]
    text: String,
}

impl StreamEvent {
    /// The rows' entities, in the order of the stream.
    ///
    /// # Errors
    /// `internal` for a row of another kind: the event source's filter lets none through.
    pub fn entities<T: StreamEntity>(&self) -> Result<Vec<T>> {
        self.records.iter().map(|record| record.dynamodb.new_image.read()).collect()
    }
}

/// An entity whose new rows the stream hands on: a change or work.
#[expect(private_bounds, reason = "what a row consists of is the catalog's own business")]
pub trait StreamEntity: StoredEntity {}

impl StreamEntity for CatalogChange {}
impl StreamEntity for WorkItem {}
impl StreamEntity for HaltCheck {}
impl StreamEntity for AuditEvent {}

impl NewImage {
    fn read<T: StoredEntity>(&self) -> Result<T> {
        let form = match &self.form {
            Some(form) => form.digits.parse().map_err(Error::internal)?,
            None => FIRST_FORM,
        };
        rows::read(form, &self.doc.text)
    }
}

impl Writer {
    /// Hands out work: the stream brings each piece to a function of its own. Handing out the same
    /// work again changes nothing. Up to 99 pieces are handed out together, more are not: `audit`
    /// makes the context of each such part.
    pub async fn enqueue_work(
        &self,
        work: &[WorkItem],
        audit: impl Fn() -> Result<AuditContext>,
    ) -> Result<()> {
        work.iter().try_for_each(|item| self.authorize_change(item.resource()))?;
        for some in work.chunks(AT_ONCE) {
            self.enqueue_chunk(some, &audit()?).await?;
        }
        Ok(())
    }

    async fn enqueue_chunk(&self, work: &[WorkItem], audit: &AuditContext) -> Result<()> {
        let Some(first) = work.first() else { return Ok(()) };
        self.table
            .transact(|mut tx| async move {
                for item in work {
                    tx.put(row(item)?)?;
                }
                audit.record(
                    &mut tx,
                    EventType::SnapshotRequested,
                    requested(first, work.len())?,
                )?;
                Ok(tx.returning(()))
            })
            .await
    }
}

/// What the audit log says of work: how many tenants it is for, unless it is for every one.
fn requested(first: &WorkItem, pieces: usize) -> Result<AuditSubject> {
    let tenant_count = first.tenant_id.as_ref().map(|_| pieces);
    let force = first.demand == GenerationMode::Always;
    let change = Change::created(&json!({ "force": force, "tenant_count": tenant_count }))?;
    Ok(AuditSubject::new(first.generation_id.as_str()).with(change))
}

/// The row follows from the work alone: writing it twice is no change, and the stream tells of it
/// once.
fn row(work: &WorkItem) -> Result<Row> {
    let end = work.at.saturating_add(OUTBOX_LIFETIME).unwrap_or(Timestamp::MAX);
    Ok(Row::new(schema::work(&work.generation_id, work.tenant_id.as_ref()), work)?.expires_at(end))
}
