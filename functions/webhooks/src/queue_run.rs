//! One worker on one queue: sends its events one after the other, until one has to wait, or none is
//! left.

use data_encoding::HEXLOWER;
use jiff::SignedDuration;
use slipway_catalog::{QueueLease, QueueState};
use slipway_domain::audit::AuditEvent;
use slipway_domain::webhook::{
    AttemptOutcome, NextStep, PATIENCE, Webhook, WebhookDelivery, WebhookMessage,
};
use slipway_domain::{Error, Timestamp};
use slipway_edge::clock::entropy;
use slipway_edge::{Ctx, Result};

use crate::deliver_webhook_events::{Deliver, QueueMessage};
use crate::receiver::{Receiver, TIMEOUT};

/// How long nobody else works on the queue: longer than an attempt and its record take.
const LEASE: SignedDuration = SignedDuration::from_mins(1);

/// A run over a queue.
struct QueueRun<'a> {
    ctx: &'a Ctx<Deliver>,
    lease: QueueLease,
    /// The end of the lease.
    until: Timestamp,
    /// Since when the receiver has taken none of the queue's events that it was sent.
    failing_since: Option<Timestamp>,
    /// The receiver, once it was needed.
    receiver: Option<Receiver>,
}

/// Works off a queue, unless another worker does, or its time has not come.
pub(crate) async fn work_off(ctx: &Ctx<Deliver>, message: &QueueMessage) -> Result<()> {
    let holder = HEXLOWER.encode(&entropy::<16>()?);
    let QueueMessage { webhook_id, product_id } = message.clone();
    let lease = QueueLease { webhook_id, product_id, holder };
    let until = Timestamp::UNIX_EPOCH;
    let mut run = QueueRun { ctx, lease, until, failing_since: None, receiver: None };
    let (now, until) = run.next_lease();
    let queue = ctx.catalog().lease_webhook_queue(&run.lease, now, until).await?;
    let Some(queue) = queue else { return Ok(()) };
    run.failing_since = queue.failing_since;
    while run.step().await? == QueueState::Leased {
        if ctx.deadline().has_passed() {
            ctx.catalog().leave_webhook_queue(&run.lease, ctx.clock().now()).await?;
            return ctx.invoker().invoke(message).await;
        }
    }
    Ok(())
}

impl QueueRun<'_> {
    /// Now, and the end of a lease that is taken or goes on now.
    fn next_lease(&mut self) -> (Timestamp, Timestamp) {
        let now = self.ctx.clock().now();
        self.until = now.saturating_add(LEASE).unwrap_or(Timestamp::MAX);
        (now, self.until)
    }

    /// Looks after the first event, or closes a queue without any.
    async fn step(&mut self) -> Result<QueueState> {
        let catalog = self.ctx.catalog();
        let Some((event, delivery)) = catalog.next_webhook_event(&self.lease).await? else {
            return catalog.close_webhook_queue(&self.lease).await;
        };
        // Read for each event: it may have been deleted or disabled since the one before.
        let webhook = catalog.find_webhook(&self.lease.webhook_id).await?;
        let Some(webhook) = webhook.filter(Webhook::is_active) else {
            return self.finish(&delivery.of_ended_webhook()).await;
        };
        if let Some(old) = delivery.of_old_event(self.ctx.clock().now()) {
            return self.finish(&old).await;
        }
        if !self.has_time_to_send() {
            return Ok(QueueState::Lost);
        }
        match self.send(&webhook, &event).await {
            Ok(outcome) => self.record(&delivery, &outcome).await,
            Err(error) => {
                self.postpone_unsent(&delivery, &error).await?;
                Err(error)
            }
        }
    }

    /// Whether an attempt ends before the lease does, so that no other worker sends meanwhile.
    fn has_time_to_send(&self) -> bool {
        let left = self.until.duration_since(self.ctx.clock().now());
        left.unsigned_abs() > 2 * TIMEOUT && left.is_positive()
    }

    /// Sends `event`. An error means that the deployment itself can't.
    async fn send(
        &mut self,
        webhook: &Webhook,
        event: &AuditEvent,
    ) -> Result<AttemptOutcome, Error> {
        let message = WebhookMessage::of_event(webhook.format, event)?;
        let receiver = match self.receiver.take() {
            Some(receiver) => receiver,
            None => Receiver::open(self.ctx.opener(), webhook).await?,
        };
        let now = self.ctx.clock().now();
        let outcome = receiver.send(self.ctx.webhook_hosts(), &message, now).await;
        self.receiver = Some(receiver);
        outcome
    }

    /// Leaves the queue for later, because the deployment itself can't send.
    async fn postpone_unsent(&self, delivery: &WebhookDelivery, why: &Error) -> Result<QueueState> {
        let now = self.ctx.clock().now();
        let (delivery, at) = delivery.postponed(&why.to_string(), now);
        let catalog = self.ctx.catalog();
        catalog.postpone_webhook_delivery(&self.lease, &delivery, None, (now, at)).await
    }

    /// Records what came of an attempt, and does what follows.
    async fn record(
        &mut self,
        delivery: &WebhookDelivery,
        outcome: &AttemptOutcome,
    ) -> Result<QueueState> {
        let now = self.ctx.clock().now();
        let failed = outcome.error.is_some();
        self.failing_since = failed.then(|| self.failing_since.unwrap_or(now));
        let is_judged = failed && delivery.is_first_or_last_attempt(now);
        let takes_nothing = is_judged && self.takes_nothing(now).await?;
        let jitter = u32::from_be_bytes(entropy()?);
        let (delivery, step) = delivery.attempted(outcome, takes_nothing, now, jitter);
        let catalog = self.ctx.catalog();
        match step {
            NextStep::Done => {}
            NextStep::RetryAt(at) => {
                let (since, times) = (self.failing_since, (now, at));
                return catalog
                    .postpone_webhook_delivery(&self.lease, &delivery, since, times)
                    .await;
            }
            NextStep::GiveUp => {
                // Without an event behind it nothing would show whether the receiver takes others.
                if takes_nothing && !catalog.has_more_webhook_events(&self.lease).await? {
                    self.disable(&outcome.nothing_taken()).await?;
                }
            }
            NextStep::Disable(reason) => self.disable(&reason).await?,
        }
        self.finish(&delivery).await
    }

    /// Whether the receiver has taken nothing for a day at `now`, neither of this queue nor of others,
    /// though it was sent events of this queue.
    async fn takes_nothing(&self, now: Timestamp) -> Result<bool> {
        if self.failing_since.is_none_or(|since| now.duration_since(since) < PATIENCE) {
            return Ok(false);
        }
        let a_day_ago = now.saturating_sub(PATIENCE).unwrap_or(Timestamp::MIN);
        let taken = self.ctx.catalog().has_webhook_taken(&self.lease.webhook_id, a_day_ago).await?;
        Ok(!taken)
    }

    async fn disable(&self, reason: &str) -> Result<()> {
        let audit = self.ctx.audit()?;
        self.ctx.catalog().disable_webhook(&self.lease.webhook_id, reason, &audit).await
    }

    async fn finish(&mut self, delivery: &WebhookDelivery) -> Result<QueueState> {
        let times = self.next_lease();
        let (catalog, since) = (self.ctx.catalog(), self.failing_since);
        catalog.finish_webhook_delivery(&self.lease, delivery, since, times).await
    }
}
