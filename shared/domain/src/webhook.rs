//! Webhooks: receivers elsewhere that are told of audit events.
//!
//! A message is one of Standard Webhooks (<https://www.standardwebhooks.com>), or a text for Slack.

mod delivery;
mod message;
mod target;

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::delivery::{AttemptOutcome, DeliveryStatus, NextStep, PATIENCE, WebhookDelivery};
pub use self::message::WebhookMessage;
pub use self::target::{WebhookSecret, WebhookTarget, WebhookUrl};
use crate::audit::{AuditEvent, EventType};
use crate::json::sets;
use crate::page::Listed;
use crate::{Error, ProductId, Result, WebhookId};

/// A webhook, without its URL and its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Webhook {
    /// Id of the webhook.
    pub webhook_id: WebhookId,
    /// Scheme, host and port of its URL. The rest is not told again: of many receivers it is a
    /// credential.
    pub origin: String,
    /// Types of the events that it is told of; null for all.
    pub event_types: Option<BTreeSet<EventType>>,
    /// Product whose events it is told of; null for the events of the whole deployment.
    pub product_id: Option<ProductId>,
    /// Form of the messages.
    pub format: WebhookFormat,
    /// Whether messages are sent.
    pub status: WebhookStatus,
    /// Time when it was disabled, RFC 3339, UTC; null if it was not.
    #[schemars(with = "Option<crate::page::Rfc3339>")]
    pub disabled_at: Option<Timestamp>,
    /// Why it was disabled; null if it was not.
    pub disabled_reason: Option<String>,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Actor that created the webhook, as the audit log names it: a token id, `bootstrap`, or
    /// `oidc:` and an operator's `sub`.
    pub created_by: String,
    /// URL and secret as the deployment has sealed them.
    #[serde(skip)]
    #[schemars(skip)]
    pub sealed_target: String,
}

/// Form of a webhook's messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookFormat {
    /// `{"type", "timestamp", "data"}` of Standard Webhooks; `data` is the event as audit-list
    /// answers it.
    #[default]
    Standard,
    /// `{"text"}`, one line, which Slack, Mattermost and others show.
    Slack,
}

/// Whether messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WebhookStatus {
    /// They are.
    Active,
    /// They are not: the receiver took none for a day, or answered 410. It stays so; create another
    /// webhook in its place.
    Disabled,
}

/// Request body of webhook-create.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhook {
    /// Where messages are sent by POST. The deployment names the hosts that it sends to.
    pub url: WebhookUrl,
    /// Types of the events to be told of; at least one. Default: all, those that later versions have
    /// included.
    #[serde(default, deserialize_with = "sets::optional")]
    #[schemars(length(min = 1), !default)]
    pub event_types: Option<BTreeSet<EventType>>,
    /// Product whose events to be told of: those of the product and its releases. Default: the events
    /// of the whole deployment.
    pub product_id: Option<ProductId>,
    /// Form of the messages. Default: `standard`.
    #[serde(default)]
    pub format: WebhookFormat,
}

impl Listed for Webhook {
    const MEMBER: &'static str = "webhooks";
}

impl NewWebhook {
    /// Makes sure that some event is asked for.
    ///
    /// # Errors
    /// `invalid_field`.
    pub fn check(&self) -> Result<()> {
        if self.event_types.as_ref().is_some_and(BTreeSet::is_empty) {
            let message = "at least one type; leave the field out for all of them";
            return Err(Error::invalid("event_types", message));
        }
        Ok(())
    }

    /// The webhook as `created_by` creates it at `now`, with its target sealed.
    #[must_use]
    pub fn create(
        self,
        now: Timestamp,
        webhook_id: WebhookId,
        created_by: &str,
        sealed_target: String,
    ) -> Webhook {
        Webhook {
            webhook_id,
            origin: self.url.origin(),
            event_types: self.event_types,
            product_id: self.product_id,
            format: self.format,
            status: WebhookStatus::Active,
            disabled_at: None,
            disabled_reason: None,
            created_at: now,
            created_by: created_by.to_owned(),
            sealed_target,
        }
    }
}

impl Webhook {
    /// Whether messages are sent.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == WebhookStatus::Active
    }

    /// Whether its receiver is to be told of `event`: none from before the webhook was there.
    #[must_use]
    pub fn wants(&self, event: &AuditEvent) -> bool {
        let is_type = |types: &BTreeSet<EventType>| types.contains(&event.event_type);
        self.is_active()
            && event.at >= self.created_at
            && self.event_types.as_ref().is_none_or(is_type)
            && (self.product_id.is_none() || self.product_id == event.product_id)
    }

    /// The webhook, disabled at `now` because of `reason`; `None` if it is so already.
    #[must_use]
    pub fn disabled(&self, reason: &str, now: Timestamp) -> Option<Self> {
        self.is_active().then(|| Self {
            status: WebhookStatus::Disabled,
            disabled_at: Some(now),
            disabled_reason: Some(reason.to_owned()),
            ..self.clone()
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A webhook of `prod_app` that is told of what is published.
    fn webhook() -> Webhook {
        let new = NewWebhook {
            url: "https://hooks.example.com/services/T0/B0/secret".parse().unwrap(),
            event_types: Some([EventType::ReleasePublished].into()),
            product_id: Some("prod_app".parse().unwrap()),
            format: WebhookFormat::Standard,
        };
        new.check().unwrap();
        let created_at = "2026-01-15T12:00:00Z".parse().unwrap();
        new.create(created_at, "whk_1".parse().unwrap(), "bootstrap", "sealed".to_owned())
    }

    pub(crate) fn event(event_type: EventType, product: Option<&str>) -> AuditEvent {
        AuditEvent {
            event_id: "evt_1".parse().unwrap(),
            event_type,
            actor: "tok_1".to_owned(),
            actor_name: Some("CI <build>".to_owned()),
            subject: "rel_1".to_owned(),
            product_id: product.map(|id| id.parse().unwrap()),
            release_id: Some("rel_1".parse().unwrap()),
            tenant_id: None,
            at: "2026-01-15T12:00:00Z".parse().unwrap(),
            request_id: "req_1".to_owned(),
            before: None,
            after: None,
        }
    }

    #[test]
    fn a_webhook_is_told_of_its_types_and_product_from_its_creation_on() {
        let webhook = webhook();
        let published = event(EventType::ReleasePublished, Some("prod_app"));
        assert!(webhook.wants(&published));
        assert!(!webhook.wants(&event(EventType::ReleaseRevoked, Some("prod_app"))));
        assert!(!webhook.wants(&event(EventType::ReleasePublished, Some("prod_other"))));
        assert!(!webhook.wants(&event(EventType::ReleasePublished, None)));
        let before = "2026-01-15T11:59:59Z".parse().unwrap();
        assert!(!webhook.wants(&AuditEvent { at: before, ..published.clone() }));
        let all = Webhook { event_types: None, product_id: None, ..webhook.clone() };
        assert!(all.wants(&published) && all.wants(&event(EventType::TokenCreated, None)));
        let disabled = all.disabled("410", before).unwrap();
        assert!(!disabled.wants(&published));
        assert_eq!(disabled.disabled("again", before), None);
    }

    #[test]
    fn neither_url_nor_what_seals_it_is_told() {
        let told = serde_json::to_string(&webhook()).unwrap();
        assert!(told.contains(r#""origin":"https://hooks.example.com""#), "{told}");
        assert!(!told.contains("secret") && !told.contains("sealed"), "{told}");
    }
}
