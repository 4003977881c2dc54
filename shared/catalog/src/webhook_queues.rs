//! Events on their way to webhooks.
//!
//! A webhook has a queue for each product, and one for what is of none. Its row says when somebody
//! has to look after it, and who does so at present: whoever has leased it, until then. Each change
//! of a queue is made on the condition of its revision, so that two workers don't interleave and no
//! event is added behind the back of one who finds the queue empty.

use slipway_domain::audit::AuditEvent;
use slipway_domain::page::Page;
use slipway_domain::webhook::{Webhook, WebhookDelivery};
use slipway_domain::{ProductId, Result, Timestamp, WebhookId};

use jiff::SignedDuration;

use crate::authorization::{Protected, Resource};
use crate::schema::{self, Index, Key};
use crate::store::{
    Consistency, KeyQuery, Reader, Row, StartKey, Stored, Transaction, Writer, decode,
};

/// How long it is told what came of an event.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The events of a product, or those of none, that wait for a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookQueue {
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The product; `None` for the events that are of none.
    pub product_id: Option<ProductId>,
    /// When somebody has to look after it: the time of the next attempt, or the end of the lease.
    pub due_at: Timestamp,
    /// Who has leased it until then; `None` for nobody.
    pub lease: Option<String>,
    /// Since when the receiver has taken none of its events that it was sent; `None` where it took
    /// the last one.
    pub failing_since: Option<Timestamp>,
}

/// Who works on a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLease {
    /// The webhook.
    pub webhook_id: WebhookId,
    /// The product; `None` for the events that are of none.
    pub product_id: Option<ProductId>,
    /// A text that nobody else has.
    pub holder: String,
}

/// How a worker leaves a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueState {
    /// There is more to do.
    Leased,
    /// Another worker has it, or nobody.
    Lost,
    /// It was empty and is gone.
    Closed,
}

impl Protected for Webhook {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl Protected for WebhookDelivery {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl Protected for WebhookQueue {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl WebhookQueue {
    fn key(&self) -> Key {
        schema::webhook_queue(&self.webhook_id, self.product_id.as_ref())
    }

    fn row(&self) -> Result<Row> {
        let key = self.key();
        let position = schema::due_webhook_queue(self.due_at, &key);
        Ok(Row::new(key, self)?.indexed(position))
    }
}

impl QueueLease {
    fn key(&self) -> Key {
        schema::webhook_queue(&self.webhook_id, self.product_id.as_ref())
    }
}

impl Reader {
    /// A page of the queues that somebody has to look after at `now`.
    pub async fn list_due_webhook_queues(
        &self,
        now: Timestamp,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<WebhookQueue, StartKey>> {
        // Positions have whole milliseconds: below the next one are those of this one.
        let next = now.saturating_add(SignedDuration::from_millis(1)).unwrap_or(now);
        let partition = schema::due_webhook_queues();
        let due = KeyQuery::of_index_below(Index::ByKind, partition, schema::time(next));
        self.list(&[due], limit, start, |_| true).await
    }

    /// The first event of a queue, and what came of it so far.
    pub async fn next_webhook_event(
        &self,
        lease: &QueueLease,
    ) -> Result<Option<(AuditEvent, WebhookDelivery)>> {
        let Some(event) = self.first_events(&lease.key(), 1).await?.pop() else {
            return Ok(None);
        };
        let key = schema::webhook_delivery(&lease.webhook_id, &event.event_id);
        let delivery: Option<Stored<WebhookDelivery>> = self.find(&key).await?;
        let delivery = delivery
            .map_or_else(|| WebhookDelivery::of(&lease.webhook_id, &event), |stored| stored.value);
        Ok(Some((event, delivery)))
    }

    /// Whether an event waits behind the first one of a queue.
    pub async fn has_more_webhook_events(&self, lease: &QueueLease) -> Result<bool> {
        Ok(self.first_events(&lease.key(), 2).await?.len() > 1)
    }

    async fn first_events(&self, queue: &Key, limit: usize) -> Result<Vec<AuditEvent>> {
        let events = schema::queued_events(queue);
        let page = self.table.ascend(&events, None, limit, Consistency::Strong).await?;
        page.rows.iter().map(|row| Ok(decode(row)?.value)).collect()
    }

    /// Whether the receiver of a webhook has taken any event after `time`.
    pub async fn has_webhook_taken(&self, id: &WebhookId, time: Timestamp) -> Result<bool> {
        let listing = [KeyQuery::of_partition(schema::webhook_deliveries(id))];
        let is_taken = |delivery: &WebhookDelivery| delivery.is_taken_after(time);
        let mut start = None;
        loop {
            let page = self.list(&listing, 100, start, is_taken).await?;
            start = page.next;
            if start.is_none() || !page.items.is_empty() {
                return Ok(!page.items.is_empty());
            }
        }
    }

    async fn load_queue(&self, key: &Key) -> Result<Option<Stored<WebhookQueue>>> {
        self.find(key).await
    }
}

impl Writer {
    /// Adds `event` to its queue of a webhook, unless it was added before. Answers whether somebody
    /// has to look after the queue at once.
    pub async fn enqueue_webhook_event(
        &self,
        webhook: &WebhookId,
        event: &AuditEvent,
        now: Timestamp,
    ) -> Result<bool> {
        let delivery = &WebhookDelivery::of(webhook, event);
        let key = &schema::webhook_queue(webhook, event.product_id.as_ref());
        self.table
            .transact(|mut tx| async move {
                let seen = self.load_queue(key).await?;
                let (queue, rev) = match seen {
                    Some(Stored { value, rev }) => (value, Some(rev)),
                    None => (new_queue(delivery, now), None),
                };
                let is_due = queue.due_at <= now;
                // Whoever has added it may have failed before it could tell anybody.
                tx.create(delivery_row(delivery, now)?)?.or_answer(is_due);
                tx.create(Row::new(schema::queued_event(key, &event.event_id), event)?)?;
                tx.put_if_unchanged(queue.row()?, rev)?;
                Ok(tx.returning(is_due))
            })
            .await
    }

    /// Leases a queue for `holder` until `until`, if there is one that is due at `now`. Answers it
    /// as it was before.
    pub async fn lease_webhook_queue(
        &self,
        lease: &QueueLease,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<WebhookQueue>> {
        let key = &lease.key();
        self.table
            .transact(|mut tx| async move {
                let stored = self.load_queue(key).await?;
                let Some(stored) = stored.filter(|queue| queue.value.due_at <= now) else {
                    return Ok(tx.returning(None));
                };
                let Stored { value, rev } = self.to_change(stored)?;
                let leased = Some(lease.holder.clone());
                let queue = WebhookQueue { due_at: until, lease: leased, ..value.clone() };
                tx.replace(queue.row()?, rev)?;
                Ok(tx.returning(Some(value)))
            })
            .await
    }

    /// Records an event as done, whatever came of it, takes it out of its queue, and leases the
    /// queue on until `until`; `failing_since` is that of the queue from now on. Nothing happens
    /// where the lease is lost.
    pub async fn finish_webhook_delivery(
        &self,
        lease: &QueueLease,
        delivery: &WebhookDelivery,
        failing_since: Option<Timestamp>,
        (now, until): (Timestamp, Timestamp),
    ) -> Result<QueueState> {
        let (key, event) = (&lease.key(), &delivery.event_id);
        self.while_leased(lease, |tx, stored| {
            tx.put(delivery_row(delivery, now)?)?;
            tx.delete_if_exists(&schema::queued_event(key, event))?;
            let due = (until, Some(&lease.holder));
            self.move_queue(tx, stored, due, failing_since)?;
            Ok(QueueState::Leased)
        })
        .await
    }

    /// Records that an event is still to be sent, and leaves the queue to whoever looks after it at
    /// `due_at`; `failing_since` is that of the queue from now on. Nothing happens where the lease
    /// is lost.
    pub async fn postpone_webhook_delivery(
        &self,
        lease: &QueueLease,
        delivery: &WebhookDelivery,
        failing_since: Option<Timestamp>,
        (now, due_at): (Timestamp, Timestamp),
    ) -> Result<QueueState> {
        self.while_leased(lease, |tx, stored| {
            tx.put(delivery_row(delivery, now)?)?;
            self.move_queue(tx, stored, (due_at, None), failing_since)?;
            Ok(QueueState::Lost)
        })
        .await
    }

    /// Leaves a queue to whoever looks after it next.
    pub async fn leave_webhook_queue(&self, lease: &QueueLease, now: Timestamp) -> Result<()> {
        let left = self.while_leased(lease, |tx, stored| {
            let failing_since = stored.value.failing_since;
            self.move_queue(tx, stored, (now, None), failing_since)?;
            Ok(QueueState::Lost)
        });
        left.await.map(drop)
    }

    /// Deletes a queue, if no event is in it.
    pub async fn close_webhook_queue(&self, lease: &QueueLease) -> Result<QueueState> {
        let key = &lease.key();
        self.table
            .transact(|mut tx| async move {
                let Some(stored) = self.load_leased(lease).await? else {
                    return Ok(tx.returning(QueueState::Lost));
                };
                // Read after the revision that the deletion is made at: what comes in between
                // raises it.
                if !self.first_events(key, 1).await?.is_empty() {
                    return Ok(tx.returning(QueueState::Leased));
                }
                tx.delete_if_unchanged(key, self.to_change(stored)?.rev)?;
                Ok(tx.returning(QueueState::Closed))
            })
            .await
    }

    async fn while_leased<'a>(
        &'a self,
        lease: &'a QueueLease,
        change: impl Fn(&mut Transaction<'a, QueueState>, Stored<WebhookQueue>) -> Result<QueueState>
        + Send,
    ) -> Result<QueueState> {
        let change = &change;
        self.table
            .transact(|mut tx| async move {
                let Some(stored) = self.load_leased(lease).await? else {
                    return Ok(tx.returning(QueueState::Lost));
                };
                let state = change(&mut tx, stored)?;
                Ok(tx.returning(state))
            })
            .await
    }

    /// The queue, while the lease on it stands.
    async fn load_leased(&self, lease: &QueueLease) -> Result<Option<Stored<WebhookQueue>>> {
        let stored = self.load_queue(&lease.key()).await?;
        Ok(stored.filter(|stored| stored.value.lease.as_ref() == Some(&lease.holder)))
    }

    fn move_queue<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        stored: Stored<WebhookQueue>,
        (due_at, holder): (Timestamp, Option<&String>),
        failing_since: Option<Timestamp>,
    ) -> Result<()> {
        let Stored { value, rev } = self.to_change(stored)?;
        let queue = WebhookQueue { due_at, lease: holder.cloned(), failing_since, ..value };
        tx.replace(queue.row()?, rev).map(drop)
    }
}

/// A queue that somebody has to look after at once.
fn new_queue(delivery: &WebhookDelivery, now: Timestamp) -> WebhookQueue {
    let WebhookDelivery { webhook_id, product_id, .. } = delivery;
    let (webhook_id, product_id) = (webhook_id.clone(), product_id.clone());
    WebhookQueue { webhook_id, product_id, due_at: now, lease: None, failing_since: None }
}

fn delivery_row(delivery: &WebhookDelivery, now: Timestamp) -> Result<Row> {
    let key = schema::webhook_delivery(&delivery.webhook_id, &delivery.event_id);
    let end = now.saturating_add(KEPT).unwrap_or(Timestamp::MAX);
    Ok(Row::new(key, delivery)?.expires_at(end))
}
