//! One event, on its way to one webhook: its attempts, and when the next one is made.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::audit::{AuditEvent, EventType};
use crate::page::Listed;
use crate::{EventId, ProductId, WebhookId};

/// The pause before the second attempt; each one is twice as long as the one before.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// The longest pause, unless the receiver asks for a longer one.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);
/// How long an event is tried before its webhook is disabled.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// The longest error that is kept, in characters.
const MAX_ERROR: usize = 300;

/// An event, on its way to a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WebhookDelivery {
    /// Id of the event: the header `webhook-id` of each attempt.
    pub event_id: EventId,
    /// Id of the webhook.
    pub webhook_id: WebhookId,
    /// Type of the event.
    pub event_type: EventType,
    /// Product of the event; null if it is of none. The events of one product arrive in their order.
    pub product_id: Option<ProductId>,
    /// Time of the event, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub at: Timestamp,
    /// Whether it has arrived.
    pub status: DeliveryStatus,
    /// Number of attempts so far.
    pub attempts: u32,
    /// Time of the first attempt, RFC 3339, UTC; null before it.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub first_attempt_at: Option<Timestamp>,
    /// Time of the last attempt, RFC 3339, UTC; null before the first one.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub last_attempt_at: Option<Timestamp>,
    /// Time of the next attempt, RFC 3339, UTC, made within a minute from then on; null if none is
    /// planned: it waits for its turn, or has ended.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub next_attempt_at: Option<Timestamp>,
    /// HTTP status of the last attempt; null without a response.
    pub status_code: Option<u16>,
    /// Why the last attempt failed, or why none was made; null if it did not.
    pub error: Option<String>,
}

/// Whether an event has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// Not yet.
    Pending,
    /// The receiver answered 2xx.
    Delivered,
    /// It did not, and no further attempt is made: its webhook was disabled.
    Failed,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptOutcome {
    /// HTTP status; `None` without a response.
    pub status_code: Option<u16>,
    /// Why it failed; `None` where the receiver has taken the message.
    pub error: Option<String>,
    /// How long the receiver asks to be left alone.
    pub retry_after: Option<SignedDuration>,
}

/// What follows an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextStep {
    /// The event has arrived.
    Done,
    /// It is tried again from then on, and the events after it wait.
    RetryAt(Timestamp),
    /// The webhook is disabled, for this reason.
    Disable(String),
}

impl Listed for WebhookDelivery {
    const MEMBER: &'static str = "deliveries";
}

impl AttemptOutcome {
    /// The receiver answers that it is gone for good (RFC 9110, section 15.5.11).
    const GONE: u16 = 410;

    /// A response with `status_code`. Redirects are not followed.
    #[must_use]
    pub fn of_response(status_code: u16, retry_after: Option<SignedDuration>) -> Self {
        let error = match status_code {
            200..=299 => None,
            300..=399 => {
                Some(format!("the receiver answers {status_code}; redirects are not followed"))
            }
            _ => Some(format!("the receiver answers {status_code}")),
        };
        Self { status_code: Some(status_code), error, retry_after }
    }

    /// No response, because of `error`.
    #[must_use]
    pub fn failed(error: &str) -> Self {
        let error = error.chars().take(MAX_ERROR).collect();
        Self { status_code: None, error: Some(error), retry_after: None }
    }
}

impl WebhookDelivery {
    /// `event`, for the webhook `webhook_id`, before the first attempt.
    #[must_use]
    pub fn of(webhook_id: &WebhookId, event: &AuditEvent) -> Self {
        Self {
            event_id: event.event_id.clone(),
            webhook_id: webhook_id.clone(),
            event_type: event.event_type,
            product_id: event.product_id.clone(),
            at: event.at,
            status: DeliveryStatus::Pending,
            attempts: 0,
            first_attempt_at: None,
            last_attempt_at: None,
            next_attempt_at: None,
            status_code: None,
            error: None,
        }
    }

    /// The delivery after an attempt at `now`, and what follows. `jitter` is any number; it spreads
    /// the attempts of many.
    #[must_use]
    pub fn attempted(
        &self,
        outcome: &AttemptOutcome,
        now: Timestamp,
        jitter: u32,
    ) -> (Self, NextStep) {
        let first = self.first_attempt_at.unwrap_or(now);
        let attempts = self.attempts.saturating_add(1);
        let step = match &outcome.error {
            None => NextStep::Done,
            Some(error) if outcome.status_code == Some(AttemptOutcome::GONE) => {
                NextStep::Disable(error.clone())
            }
            Some(error) if now.duration_since(first) >= PATIENCE => NextStep::Disable(format!(
                "{} has not arrived for a day; the last attempt: {error}",
                self.event_id
            )),
            Some(_) => {
                let pause = pause(attempts, jitter).max(outcome.retry_after.unwrap_or_default());
                // The last attempt is a day after the first one.
                let [next, last] = [now.saturating_add(pause), first.saturating_add(PATIENCE)]
                    .map(|time| time.unwrap_or(Timestamp::MAX));
                NextStep::RetryAt(next.min(last))
            }
        };
        let (status, next_attempt_at) = match &step {
            NextStep::Done => (DeliveryStatus::Delivered, None),
            NextStep::RetryAt(at) => (DeliveryStatus::Pending, Some(*at)),
            NextStep::Disable(_) => (DeliveryStatus::Failed, None),
        };
        let delivery = Self {
            status,
            attempts,
            first_attempt_at: Some(first),
            last_attempt_at: Some(now),
            next_attempt_at,
            status_code: outcome.status_code,
            error: outcome.error.clone(),
            ..self.clone()
        };
        (delivery, step)
    }

    /// The delivery where its webhook is disabled or deleted.
    #[must_use]
    pub fn given_up(&self) -> Self {
        let error = Some("the webhook was disabled or deleted before".to_owned());
        Self { status: DeliveryStatus::Failed, next_attempt_at: None, error, ..self.clone() }
    }
}

/// The pause after so many attempts: between a half and the whole of an exponential one.
fn pause(attempts: u32, jitter: u32) -> SignedDuration {
    let factor = 2_i32.saturating_pow(attempts.saturating_sub(1).min(10));
    let whole = FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE);
    let half = whole / 2;
    let millis = u64::try_from(half.as_millis()).unwrap_or(0);
    let part = millis * u64::from(jitter) / u64::from(u32::MAX);
    half + SignedDuration::from_millis(i64::try_from(part).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::tests::event;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn delivery() -> WebhookDelivery {
        let event = event(EventType::ReleasePublished, Some("prod_app"));
        WebhookDelivery::of(&"whk_1".parse().unwrap(), &event)
    }

    fn refused(status: u16) -> AttemptOutcome {
        AttemptOutcome::of_response(status, None)
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_jitter_takes_half_of_them_at_most() {
        let seconds = |attempts, jitter| pause(attempts, jitter).as_secs();
        let longest = [1, 2, 3, 7, 8, 4000].map(|attempts| seconds(attempts, u32::MAX));
        assert_eq!(longest, [60, 120, 240, 3600, 3600, 3600]);
        assert_eq!([1, 2, 8].map(|attempts| seconds(attempts, 0)), [30, 60, 1800]);
    }

    #[test]
    fn whatever_is_not_2xx_is_tried_again_for_a_day_and_then_the_webhook_is_disabled() {
        for status in [302, 400, 404, 429, 500, 503] {
            let (mut delivery, mut now, mut attempts) = (delivery(), NOW, 0);
            let reason = loop {
                let (next, step) = delivery.attempted(&refused(status), now, 1 << 31);
                (delivery, attempts) = (next, attempts + 1);
                match step {
                    NextStep::RetryAt(at) => now = at,
                    NextStep::Disable(reason) => break reason,
                    NextStep::Done => panic!("{status}"),
                }
            };
            assert_eq!(now.duration_since(NOW), PATIENCE, "{status}");
            assert!((20..50).contains(&attempts), "{attempts}");
            assert_eq!((delivery.attempts, delivery.status), (attempts, DeliveryStatus::Failed));
            assert!(reason.contains(&status.to_string()) && reason.contains("a day"), "{reason}");
        }
    }

    #[test]
    fn a_receiver_that_is_gone_is_not_asked_again() {
        let (delivery, step) = delivery().attempted(&refused(410), NOW, 0);
        assert!(matches!(step, NextStep::Disable(reason) if reason.contains("410")));
        assert_eq!(delivery.status, DeliveryStatus::Failed);
    }

    #[test]
    fn retry_after_is_honoured_and_no_reason_to_wait_beyond_the_day() {
        let asks = |hours| {
            let outcome = AttemptOutcome::of_response(429, Some(SignedDuration::from_hours(hours)));
            delivery().attempted(&outcome, NOW, 0).1
        };
        assert_eq!(asks(3), NextStep::RetryAt(NOW + SignedDuration::from_hours(3)));
        assert_eq!(asks(90), NextStep::RetryAt(NOW + PATIENCE));
    }

    #[test]
    fn a_delivery_says_what_came_of_the_last_attempt() {
        let (first, _) = delivery().attempted(&AttemptOutcome::failed("timed out"), NOW, 0);
        assert_eq!((first.status_code, first.error.as_deref()), (None, Some("timed out")));
        let later = NOW + SignedDuration::from_mins(1);
        let (second, step) = first.attempted(&refused(204), later, 0);
        assert_eq!(step, NextStep::Done);
        assert_eq!((second.status, second.attempts), (DeliveryStatus::Delivered, 2));
        assert_eq!((second.first_attempt_at, second.last_attempt_at), (Some(NOW), Some(later)));
        assert_eq!((second.error, second.next_attempt_at), (None, None));
    }
}
