//! What is sent to a webhook's receiver.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Webhook, WebhookFormat};
use crate::audit::AuditEvent;
use crate::{Error, Result};

/// A message, the same at each attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookMessage {
    /// The header `webhook-id`, by which a receiver tells that it has the message already.
    pub id: String,
    /// The body, canonical JSON (RFC 8785).
    pub body: Vec<u8>,
}

impl WebhookMessage {
    /// The message that tells of `event`.
    ///
    /// # Errors
    /// `internal` for what has no canonical form, which nothing stored is.
    pub fn of_event(format: WebhookFormat, event: &AuditEvent) -> Result<Self> {
        let data = serde_json::to_value(event).map_err(Error::internal)?;
        let event_type = data.get("event_type").and_then(Value::as_str).unwrap_or_default();
        let body = match format {
            WebhookFormat::Standard => standard(event_type, event.at, &data),
            WebhookFormat::Slack => json!({ "text": line(event_type, event) }),
        };
        Self::new(event.event_id.as_str(), &body)
    }

    /// A message that tells of nothing, to try the receiver of `webhook`.
    ///
    /// # Errors
    /// As [`WebhookMessage::of_event`].
    pub fn test(webhook: &Webhook, id: &str, now: Timestamp) -> Result<Self> {
        let body = match webhook.format {
            WebhookFormat::Standard => {
                standard("webhook.test", now, &json!({ "webhook_id": webhook.webhook_id }))
            }
            WebhookFormat::Slack => {
                json!({ "text": format!("This is a test of Slipway's webhook {}.", webhook.webhook_id) })
            }
        };
        Self::new(id, &body)
    }

    fn new(id: &str, body: &Value) -> Result<Self> {
        let body = serde_json_canonicalizer::to_vec(body).map_err(Error::internal)?;
        Ok(Self { id: id.to_owned(), body })
    }

    /// What a signature is of, at an attempt at `at` (Standard Webhooks, "Signature scheme").
    #[must_use]
    pub fn signed_content(&self, at: Timestamp) -> Vec<u8> {
        let mut content = format!("{}.{}.", self.id, at.as_second()).into_bytes();
        content.extend_from_slice(&self.body);
        content
    }
}

fn standard(event_type: &str, at: Timestamp, data: &Value) -> Value {
    json!({ "type": event_type, "timestamp": at, "data": data })
}

/// One line of text: what happened to what, and who did it.
fn line(event_type: &str, event: &AuditEvent) -> String {
    let subject = escaped(&event.subject);
    let owner = match (&event.product_id, &event.tenant_id) {
        (Some(product), _) if product.as_str() != event.subject => format!(" of {product}"),
        (None, Some(tenant)) if tenant.as_str() != event.subject => format!(" of {tenant}"),
        _ => String::new(),
    };
    let actor = escaped(&event.actor);
    let actor = match &event.actor_name {
        Some(name) => format!("{} ({actor})", escaped(name)),
        None => actor,
    };
    format!("*{event_type}*: {subject}{owner}, by {actor}")
}

/// Text in which Slack finds no markup of its own: names are chosen by whoever may.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::EventType;
    use crate::webhook::tests::event;

    fn body(format: WebhookFormat, event: &AuditEvent) -> String {
        let message = WebhookMessage::of_event(format, event).unwrap();
        assert_eq!(message.id, "evt_1");
        String::from_utf8(message.body).unwrap()
    }

    #[test]
    fn a_standard_message_has_the_event_as_the_audit_log_answers_it() {
        let event = event(EventType::ReleasePublished, Some("prod_app"));
        let body = body(WebhookFormat::Standard, &event);
        assert!(body.starts_with(r#"{"data":{"actor":"tok_1","#), "{body}");
        let read: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(read["type"], "release.published");
        assert_eq!(read["timestamp"], "2026-01-15T12:00:00Z");
        assert_eq!(read["data"], serde_json::to_value(&event).unwrap());
    }

    #[test]
    fn a_text_for_slack_is_one_line_without_markup_of_others() {
        let release = event(EventType::ReleasePublished, Some("prod_app"));
        assert_eq!(
            body(WebhookFormat::Slack, &release),
            r#"{"text":"*release.published*: rel_1 of prod_app, by CI &lt;build&gt; (tok_1)"}"#
        );
        let product = AuditEvent {
            subject: "prod_app".to_owned(),
            actor_name: None,
            ..event(EventType::ProductCreated, Some("prod_app"))
        };
        let text = body(WebhookFormat::Slack, &product);
        assert_eq!(text, r#"{"text":"*product.created*: prod_app, by tok_1"}"#);
    }

    #[test]
    fn what_is_signed_is_id_seconds_and_body() {
        let message = WebhookMessage { id: "evt_1".to_owned(), body: b"{}".to_vec() };
        let at = Timestamp::from_millisecond(1_700_000_000_999).unwrap();
        assert_eq!(message.signed_content(at), b"evt_1.1700000000.{}");
    }
}
