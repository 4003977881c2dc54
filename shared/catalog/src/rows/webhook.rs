//! The rows of webhooks, of the queues of events that wait for them, and of deliveries.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::webhook::{Webhook, WebhookDelivery};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::{self, StoredText};
use crate::webhook_queues::WebhookQueue;

impl StoredEntity for Webhook {
    type Row<'a> = WebhookRow<'a>;

    fn to_row(&self) -> WebhookRow<'_> {
        self.into()
    }

    fn from_row(row: WebhookRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A webhook.
#[derive(Serialize, Deserialize)]
pub(crate) struct WebhookRow<'a> {
    webhook_id: Cow<'a, str>,
    origin: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_types: Option<Vec<Cow<'a, str>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<Cow<'a, str>>,
    format: Cow<'a, str>,
    status: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<Cow<'a, str>>,
    created_at: Timestamp,
    created_by: Cow<'a, str>,
    sealed_target: Cow<'a, str>,
}

impl<'a> From<&'a Webhook> for WebhookRow<'a> {
    fn from(value: &'a Webhook) -> Self {
        Self {
            webhook_id: value.webhook_id.to_text(),
            origin: value.origin.as_str().into(),
            event_types: value.event_types.as_ref().map(text::list),
            product_id: text::optional(value.product_id.as_ref()),
            format: value.format.to_text(),
            status: value.status.to_text(),
            disabled_at: value.disabled_at,
            disabled_reason: value.disabled_reason.as_deref().map(Cow::Borrowed),
            created_at: value.created_at,
            created_by: value.created_by.as_str().into(),
            sealed_target: value.sealed_target.as_str().into(),
        }
    }
}

impl TryFrom<WebhookRow<'_>> for Webhook {
    type Error = Error;

    fn try_from(row: WebhookRow<'_>) -> Result<Self> {
        Ok(Self {
            webhook_id: StoredText::from_text(row.webhook_id)?,
            origin: row.origin.into_owned(),
            event_types: row.event_types.map(text::from_set).transpose()?,
            product_id: text::from_optional(row.product_id)?,
            format: StoredText::from_text(row.format)?,
            status: StoredText::from_text(row.status)?,
            disabled_at: row.disabled_at,
            disabled_reason: row.disabled_reason.map(Cow::into_owned),
            created_at: row.created_at,
            created_by: row.created_by.into_owned(),
            sealed_target: row.sealed_target.into_owned(),
        })
    }
}

impl StoredEntity for WebhookQueue {
    type Row<'a> = WebhookQueueRow<'a>;

    fn to_row(&self) -> WebhookQueueRow<'_> {
        WebhookQueueRow {
            webhook_id: self.webhook_id.to_text(),
            product_id: text::optional(self.product_id.as_ref()),
            due_at: self.due_at,
            lease: self.lease.as_deref().map(Cow::Borrowed),
            failing_since: self.failing_since,
        }
    }

    fn from_row(row: WebhookQueueRow<'_>) -> Result<Self> {
        Ok(Self {
            webhook_id: StoredText::from_text(row.webhook_id)?,
            product_id: text::from_optional(row.product_id)?,
            due_at: row.due_at,
            lease: row.lease.map(Cow::into_owned),
            failing_since: row.failing_since,
        })
    }
}

/// A queue of events, and who is at work on it.
#[derive(Serialize, Deserialize)]
pub(crate) struct WebhookQueueRow<'a> {
    webhook_id: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<Cow<'a, str>>,
    due_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    lease: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
}

impl StoredEntity for WebhookDelivery {
    type Row<'a> = WebhookDeliveryRow<'a>;

    fn to_row(&self) -> WebhookDeliveryRow<'_> {
        self.into()
    }

    fn from_row(row: WebhookDeliveryRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// What came of an event for a webhook.
#[derive(Serialize, Deserialize)]
pub(crate) struct WebhookDeliveryRow<'a> {
    event_id: Cow<'a, str>,
    webhook_id: Cow<'a, str>,
    event_type: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<Cow<'a, str>>,
    at: Timestamp,
    status: Cow<'a, str>,
    attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_attempt_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_attempt_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Cow<'a, str>>,
}

impl<'a> From<&'a WebhookDelivery> for WebhookDeliveryRow<'a> {
    fn from(value: &'a WebhookDelivery) -> Self {
        Self {
            event_id: value.event_id.to_text(),
            webhook_id: value.webhook_id.to_text(),
            event_type: value.event_type.to_text(),
            product_id: text::optional(value.product_id.as_ref()),
            at: value.at,
            status: value.status.to_text(),
            attempts: value.attempts,
            first_attempt_at: value.first_attempt_at,
            last_attempt_at: value.last_attempt_at,
            next_attempt_at: value.next_attempt_at,
            retry_until: value.retry_until,
            status_code: value.status_code,
            error: value.error.as_deref().map(Cow::Borrowed),
        }
    }
}

impl TryFrom<WebhookDeliveryRow<'_>> for WebhookDelivery {
    type Error = Error;

    fn try_from(row: WebhookDeliveryRow<'_>) -> Result<Self> {
        Ok(Self {
            event_id: StoredText::from_text(row.event_id)?,
            webhook_id: StoredText::from_text(row.webhook_id)?,
            event_type: StoredText::from_text(row.event_type)?,
            product_id: text::from_optional(row.product_id)?,
            at: row.at,
            status: StoredText::from_text(row.status)?,
            attempts: row.attempts,
            first_attempt_at: row.first_attempt_at,
            last_attempt_at: row.last_attempt_at,
            next_attempt_at: row.next_attempt_at,
            retry_until: row.retry_until,
            status_code: row.status_code,
            error: row.error.map(Cow::into_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use slipway_domain::audit::EventType;
    use slipway_domain::webhook::{DeliveryStatus, WebhookFormat, WebhookStatus};

    use super::*;
    use crate::rows::{read, write};

    #[track_caller]
    fn comes_back<T: StoredEntity + PartialEq + std::fmt::Debug>(entity: &T) {
        assert_eq!(read::<T>(T::FORM, &write(entity).unwrap()).unwrap(), *entity);
    }

    #[test]
    fn webhooks_queues_and_deliveries_come_back_as_they_were_written() {
        let at = Timestamp::UNIX_EPOCH;
        let webhook = Webhook {
            webhook_id: "whk_1".parse().unwrap(),
            origin: "https://hooks.example.com".to_owned(),
            event_types: Some([EventType::ReleasePublished, EventType::WebhookDisabled].into()),
            product_id: Some("prod_app".parse().unwrap()),
            format: WebhookFormat::Slack,
            status: WebhookStatus::Disabled,
            disabled_at: Some(at),
            disabled_reason: Some("gone".to_owned()),
            created_at: at,
            created_by: "bootstrap".to_owned(),
            sealed_target: "sealed".to_owned(),
        };
        comes_back(&webhook);
        comes_back(&WebhookQueue {
            webhook_id: webhook.webhook_id.clone(),
            product_id: None,
            due_at: at,
            lease: Some("a".to_owned()),
            failing_since: Some(at),
        });
        comes_back(&WebhookDelivery {
            event_id: "evt_1".parse().unwrap(),
            webhook_id: webhook.webhook_id,
            event_type: EventType::ReleaseRevoked,
            product_id: webhook.product_id,
            at,
            status: DeliveryStatus::Failed,
            attempts: 3,
            first_attempt_at: Some(at),
            last_attempt_at: Some(at),
            next_attempt_at: Some(at),
            retry_until: Some(at),
            status_code: Some(500),
            error: Some("the receiver answers 500".to_owned()),
        });
    }
}
