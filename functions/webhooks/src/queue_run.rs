//! One worker on one queue: sends its events one after the other, until one has to wait, or none is
//! left.

use data_encoding::HEXLOWER;
use jiff::SignedDuration;
use slipway_catalog::{QueueLease, QueueState};
use slipway_domain::audit::AuditEvent;
use slipway_domain::webhook::{AttemptOutcome, NextStep, Webhook, WebhookDelivery, WebhookMessage};
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
    /// The receiver, once it was needed.
    receiver: Option<Receiver>,
}

/// Works off a queue, unless another worker does, or its time has not come.
pub(crate) async fn work_off(ctx: &Ctx<Deliver>, message: &QueueMessage) -> Result<()> {
    let holder = HEXLOWER.encode(&entropy::<16>()?);
    let QueueMessage { webhook_id, product_id } = message.clone();
    let lease = QueueLease { webhook_id, product_id, holder };
    let mut run = QueueRun { ctx, lease, until: Timestamp::UNIX_EPOCH, receiver: None };
    let (now, until) = run.next_lease();
    let mut state = ctx.catalog().lease_webhook_queue(&run.lease, now, until).await?;
    while state == QueueState::Leased {
        state = run.step().await?;
        if state == QueueState::Leased && ctx.deadline().has_passed() {
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
            return self.finish(&delivery.given_up()).await;
        };
        if !self.has_time_to_send() {
            return Ok(QueueState::Lost);
        }
        self.attempt(&webhook, &event, &delivery).await
    }

    /// Whether an attempt ends before the lease does, so that no other worker sends meanwhile.
    fn has_time_to_send(&self) -> bool {
        let left = self.until.duration_since(self.ctx.clock().now());
        left.unsigned_abs() > 2 * TIMEOUT && left.is_positive()
    }

    async fn attempt(
        &mut self,
        webhook: &Webhook,
        event: &AuditEvent,
        delivery: &WebhookDelivery,
    ) -> Result<QueueState> {
        match self.send(webhook, event).await {
            Ok(outcome) => self.record(webhook, delivery, &outcome).await,
            Err(error) => {
                self.hold(webhook, delivery, &error).await?;
                Err(error)
            }
        }
    }

    /// Leaves the queue for later: the deployment itself can't send.
    async fn hold(
        &self,
        webhook: &Webhook,
        delivery: &WebhookDelivery,
        why: &Error,
    ) -> Result<QueueState> {
        let now = self.ctx.clock().now();
        let (delivery, at) = delivery.held(&why.to_string(), now);
        self.say_failing(webhook, None).await?;
        self.ctx.catalog().postpone_webhook_delivery(&self.lease, &delivery, now, at).await
    }

    /// Writes down since when the receiver takes nothing, where that has changed.
    async fn say_failing(&self, webhook: &Webhook, since: Option<Timestamp>) -> Result<()> {
        if webhook.failing_since == since {
            return Ok(());
        }
        self.ctx.catalog().set_webhook_failing(&webhook.webhook_id, since).await
    }

    async fn send(
        &mut self,
        webhook: &Webhook,
        event: &AuditEvent,
    ) -> Result<AttemptOutcome, Error> {
        let message = WebhookMessage::of_event(webhook.format, event)?;
        let receiver = match self.receiver.take() {
            Some(receiver) => receiver,
            None => Receiver::open(self.ctx.signer(), webhook).await?,
        };
        let now = self.ctx.clock().now();
        let outcome = receiver.send(self.ctx.webhook_hosts(), &message, now).await;
        self.receiver = Some(receiver);
        outcome
    }

    async fn record(
        &mut self,
        webhook: &Webhook,
        delivery: &WebhookDelivery,
        outcome: &AttemptOutcome,
    ) -> Result<QueueState> {
        let now = self.ctx.clock().now();
        let jitter = u32::from_be_bytes(entropy()?);
        let (delivery, step) = delivery.attempted(webhook, outcome, now, jitter);
        self.say_failing(webhook, outcome.failing_since(webhook.failing_since, now)).await?;
        let catalog = self.ctx.catalog();
        match step {
            NextStep::Done => {}
            NextStep::RetryAt(at) => {
                return catalog.postpone_webhook_delivery(&self.lease, &delivery, now, at).await;
            }
            NextStep::GiveUp => {
                // Without an event behind it nothing would show whether the receiver takes others.
                let takes_nothing = webhook.takes_nothing(now);
                if takes_nothing && !catalog.has_more_webhook_events(&self.lease).await? {
                    self.disable(&outcome.nothing_taken()).await?;
                }
            }
            NextStep::Disable(reason) => self.disable(&reason).await?,
        }
        self.finish(&delivery).await
    }

    async fn disable(&self, reason: &str) -> Result<()> {
        let audit = self.ctx.audit()?;
        self.ctx.catalog().disable_webhook(&self.lease.webhook_id, reason, &audit).await
    }

    async fn finish(&mut self, delivery: &WebhookDelivery) -> Result<QueueState> {
        let (now, until) = self.next_lease();
        let catalog = self.ctx.catalog();
        catalog.finish_webhook_delivery(&self.lease, delivery, now, until).await
    }
}
