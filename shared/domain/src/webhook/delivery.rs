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
/// How long an event is tried, and how long a receiver may take nothing at all.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// The pause where the deployment itself can't send: nobody is asked meanwhile.
const HELD_PAUSE: SignedDuration = SignedDuration::from_mins(15);
/// The age at which an event is not sent any more, whoever is to blame.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(24 * 30);
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
    /// Time of the last attempt if all fail, RFC 3339, UTC: a day after the first one; null before it.
    /// Where the deployment itself can't send, the day begins anew.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub retry_until: Option<Timestamp>,
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
    /// It did not, and no further attempt is made: it was tried for a day, or its webhook was disabled
    /// or deleted.
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
    /// It has been tried for a day. The events after it are sent.
    GiveUp,
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

    /// Why a webhook is disabled whose receiver takes nothing, this attempt included.
    #[must_use]
    pub fn nothing_taken(&self) -> String {
        let error = self.error.as_deref().unwrap_or_default();
        format!("the receiver has taken nothing for a day; the last attempt: {error}")
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
            retry_until: None,
            status_code: None,
            error: None,
        }
    }

    /// Whether the receiver has taken the event, after `time`.
    #[must_use]
    pub fn is_taken_after(&self, time: Timestamp) -> bool {
        self.status == DeliveryStatus::Delivered && self.last_attempt_at > Some(time)
    }

    /// Whether an attempt at `now` is the first one, or the last: then it counts whether the receiver
    /// takes anything else.
    #[must_use]
    pub fn is_first_or_last_attempt(&self, now: Timestamp) -> bool {
        self.retry_until.is_none_or(|last| now >= last)
    }

    /// The delivery after an attempt at `now`, and what follows. `jitter` is any number; it spreads the
    /// attempts of many. `takes_nothing`: the receiver has taken nothing for a day, in which it was
    /// sent something.
    ///
    /// An event that has been tried for a day is given up, and the next one has its turn. That one
    /// tells whether the receiver takes anything: if it has taken nothing for a day and refuses a
    /// new event as well, the webhook is disabled.
    #[must_use]
    pub fn attempted(
        &self,
        outcome: &AttemptOutcome,
        takes_nothing: bool,
        now: Timestamp,
        jitter: u32,
    ) -> (Self, NextStep) {
        let last = now.saturating_add(PATIENCE).unwrap_or(Timestamp::MAX);
        let last = self.retry_until.unwrap_or(last);
        let attempts = self.attempts.saturating_add(1);
        let step = match &outcome.error {
            None => NextStep::Done,
            Some(error) if outcome.status_code == Some(AttemptOutcome::GONE) => {
                NextStep::Disable(error.clone())
            }
            Some(_) if self.retry_until.is_none() && takes_nothing => {
                NextStep::Disable(outcome.nothing_taken())
            }
            Some(_) if now >= last => NextStep::GiveUp,
            Some(_) => {
                let pause = pause(attempts, jitter).max(outcome.retry_after.unwrap_or_default());
                NextStep::RetryAt(now.saturating_add(pause).map_or(last, |next| next.min(last)))
            }
        };
        let (status, next_attempt_at) = match &step {
            NextStep::Done => (DeliveryStatus::Delivered, None),
            NextStep::RetryAt(at) => (DeliveryStatus::Pending, Some(*at)),
            NextStep::GiveUp | NextStep::Disable(_) => (DeliveryStatus::Failed, None),
        };
        let delivery = Self {
            status,
            attempts,
            first_attempt_at: self.first_attempt_at.or(Some(now)),
            last_attempt_at: Some(now),
            next_attempt_at,
            retry_until: Some(last),
            status_code: outcome.status_code,
            error: outcome.error.clone(),
            ..self.clone()
        };
        (delivery, step)
    }

    /// The delivery where the deployment itself can't send, because of `why`, and when it tries again.
    /// That is no attempt, and the receiver is not to blame: the day of attempts begins anew.
    #[must_use]
    pub fn postponed(&self, why: &str, now: Timestamp) -> (Self, Timestamp) {
        let at = now.saturating_add(HELD_PAUSE).unwrap_or(Timestamp::MAX);
        let error = why.chars().take(MAX_ERROR).collect();
        let postponed = Self {
            next_attempt_at: Some(at),
            retry_until: None,
            status_code: None,
            error: Some(error),
            ..self.clone()
        };
        (postponed, at)
    }

    /// The delivery where its webhook is disabled or deleted.
    #[must_use]
    pub fn of_ended_webhook(&self) -> Self {
        self.unsent("the webhook was disabled or deleted before")
    }

    /// The delivery where at `now` the event is too old to be sent: the deployment could not send it
    /// for a month. `None` where it is not.
    #[must_use]
    pub fn of_old_event(&self, now: Timestamp) -> Option<Self> {
        let is_old = now.duration_since(self.at) >= MAX_AGE;
        is_old.then(|| self.unsent("the event is 30 days old, and not sent any more"))
    }

    fn unsent(&self, why: &str) -> Self {
        let error = Some(why.to_owned());
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
    fn whatever_is_not_2xx_is_tried_again_for_a_day_and_then_given_up() {
        for status in [302, 400, 404, 429, 500, 503] {
            let (mut delivery, mut now, mut attempts) = (delivery(), NOW, 0);
            loop {
                let (next, step) = delivery.attempted(&refused(status), false, now, 1 << 31);
                (delivery, attempts) = (next, attempts + 1);
                assert_eq!(delivery.retry_until, Some(NOW + PATIENCE));
                match step {
                    NextStep::RetryAt(at) => now = at,
                    NextStep::GiveUp => break,
                    NextStep::Done | NextStep::Disable(_) => panic!("{status}"),
                }
            }
            assert_eq!(now, NOW + PATIENCE, "{status}");
            assert!((20..50).contains(&attempts), "{attempts}");
            assert_eq!((delivery.attempts, delivery.status), (attempts, DeliveryStatus::Failed));
            assert_eq!(delivery.next_attempt_at, None);
        }
    }

    #[test]
    fn a_new_event_that_is_not_taken_either_disables_a_webhook_that_takes_nothing_for_a_day() {
        let first =
            |status, takes_nothing| delivery().attempted(&refused(status), takes_nothing, NOW, 0).1;
        let NextStep::Disable(reason) = first(503, true) else { panic!() };
        assert!(reason.contains("nothing for a day") && reason.contains("503"), "{reason}");
        assert_eq!(first(204, true), NextStep::Done);
        assert!(matches!(first(503, false), NextStep::RetryAt(_)));
        // An event that has been tried before has the day that it was given.
        let (tried, _) = delivery().attempted(&refused(503), false, NOW, 0);
        let (_, step) = tried.attempted(&refused(503), true, NOW, 0);
        assert!(matches!(step, NextStep::RetryAt(_)), "{step:?}");
    }

    #[test]
    fn an_event_of_a_month_ago_is_not_sent() {
        let delivery = delivery();
        assert_eq!(delivery.of_old_event(delivery.at + SignedDuration::from_hours(719)), None);
        let old = delivery.of_old_event(delivery.at + MAX_AGE).unwrap();
        assert_eq!((old.status, old.attempts), (DeliveryStatus::Failed, 0));
        assert!(old.error.unwrap().contains("30 days"));
    }

    #[test]
    fn what_the_deployment_can_not_send_is_no_attempt_and_its_day_begins_anew() {
        let (first, _) = delivery().attempted(&refused(500), false, NOW, 0);
        let later = NOW + PATIENCE * 3;
        let (postponed, at) = first.postponed("no key", later);
        assert_eq!((postponed.attempts, postponed.status), (1, DeliveryStatus::Pending));
        assert_eq!((postponed.error.as_deref(), postponed.status_code), (Some("no key"), None));
        assert_eq!((postponed.next_attempt_at, postponed.first_attempt_at), (Some(at), Some(NOW)));
        assert!(at > later);
        let (next, step) = postponed.attempted(&refused(500), false, at, 0);
        assert!(matches!(step, NextStep::RetryAt(_)), "{step:?}");
        assert_eq!(next.retry_until, Some(at + PATIENCE));
    }

    #[test]
    fn a_receiver_that_is_gone_is_not_asked_again() {
        let (delivery, step) = delivery().attempted(&refused(410), false, NOW, 0);
        assert!(matches!(step, NextStep::Disable(reason) if reason.contains("410")));
        assert_eq!(delivery.status, DeliveryStatus::Failed);
    }

    #[test]
    fn retry_after_is_honoured_and_no_reason_to_wait_beyond_the_day() {
        let asks = |hours| {
            let outcome = AttemptOutcome::of_response(429, Some(SignedDuration::from_hours(hours)));
            delivery().attempted(&outcome, false, NOW, 0).1
        };
        assert_eq!(asks(3), NextStep::RetryAt(NOW + SignedDuration::from_hours(3)));
        assert_eq!(asks(90), NextStep::RetryAt(NOW + PATIENCE));
    }

    #[test]
    fn a_delivery_says_what_came_of_the_last_attempt() {
        let (first, _) = delivery().attempted(&AttemptOutcome::failed("timed out"), false, NOW, 0);
        assert_eq!((first.status_code, first.error.as_deref()), (None, Some("timed out")));
        let later = NOW + SignedDuration::from_mins(1);
        let (second, step) = first.attempted(&refused(204), false, later, 0);
        assert_eq!(step, NextStep::Done);
        assert_eq!((second.status, second.attempts), (DeliveryStatus::Delivered, 2));
        assert_eq!((second.first_attempt_at, second.last_attempt_at), (Some(NOW), Some(later)));
        assert_eq!((second.error, second.next_attempt_at), (None, None));
    }
}
