//! Who is told: sends signed messages (Standard Webhooks).

use std::time::Duration;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use jiff::fmt::rfc2822::DateTimeParser;
use sha2::Sha256;
use slipway_domain::webhook::{
    AttemptOutcome, Webhook, WebhookMessage, WebhookSecret, WebhookTarget,
};
use slipway_domain::{Error, Timestamp};
use slipway_edge::capabilities::WebhookOpener;
use slipway_edge::{ExternalAccess, Result};
use slipway_outbound::{Error as SendError, Limits};

/// How long a receiver may take.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

/// The receiver of a webhook.
pub(crate) struct Receiver {
    target: WebhookTarget,
}

impl Receiver {
    /// That of `webhook`.
    ///
    /// # Errors
    /// `unavailable` where its target can't be opened.
    pub(crate) async fn open(opener: &WebhookOpener, webhook: &Webhook) -> Result<Self> {
        Ok(Self { target: opener.open(webhook).await? })
    }

    /// Sends `message` at `now`. Of the response the status is read and nothing of the body. That none
    /// comes is an outcome too. An error means that the deployment itself can't send, whatever the
    /// receiver does.
    ///
    /// # Errors
    /// `forbidden` where `hosts` no longer has its host; `internal` where no client can be made.
    pub(crate) async fn send(
        &self,
        hosts: &ExternalAccess,
        message: &WebhookMessage,
        now: Timestamp,
    ) -> Result<AttemptOutcome> {
        let url = self.target.url.as_url();
        // The deployment may have other hosts than when the webhook was created.
        hosts.require_allowed(url)?;
        let limits = Limits {
            connect: TIMEOUT,
            silence: TIMEOUT,
            total: Some(TIMEOUT),
            ..Limits::default()
        };
        let seconds = now.as_second().to_string();
        let signature = signature(&self.target.secret, &message.signed_content(now))?;
        let headers = [
            ("webhook-id", message.id.as_str()),
            ("webhook-timestamp", seconds.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        let client = hosts.client(limits)?;
        Ok(match client.post_json_with(url, message.body.clone(), &headers).await {
            Ok(response) => {
                let retry_after = response.header(http::header::RETRY_AFTER);
                let retry_after = retry_after.and_then(|text| retry_after_of(text, now));
                AttemptOutcome::of_response(response.status.as_u16(), retry_after)
            }
            // A URL is not told: it may be a credential.
            Err(SendError::Refused { why, .. }) => AttemptOutcome::failed(&why.to_string()),
            Err(error) => AttemptOutcome::failed(&error.to_string()),
        })
    }
}

/// The header `webhook-signature`: HMAC-SHA256, version 1.
fn signature(secret: &WebhookSecret, content: &[u8]) -> Result<String> {
    let key = secret.key().ok_or_else(|| Error::internal("a webhook's secret is none"))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Error::internal)?;
    mac.update(content);
    Ok(format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes())))
}

/// How long `Retry-After` (RFC 9110, section 10.2.3) asks to wait: seconds, or a date.
fn retry_after_of(text: &str, now: Timestamp) -> Option<SignedDuration> {
    let seconds =
        text.trim().parse::<u32>().map(|seconds| SignedDuration::from_secs(seconds.into()));
    let pause = seconds.ok().or_else(|| {
        let date = DateTimeParser::new().parse_timestamp(text.trim()).ok()?;
        Some(date.duration_since(now))
    });
    pause.filter(SignedDuration::is_positive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standard() {
        // The example of the specification's reference libraries.
        let secret: WebhookSecret = serde_json_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let content = br#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signature(&secret, content).unwrap(), expected);
    }

    fn serde_json_secret(text: &str) -> WebhookSecret {
        use serde::Deserialize;
        use serde::de::IntoDeserializer;
        use serde::de::value::{Error as ValueError, StrDeserializer};
        let text: StrDeserializer<'_, ValueError> = text.into_deserializer();
        WebhookSecret::deserialize(text).unwrap()
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_in_the_future() {
        let now: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
        let seconds = |text| retry_after_of(text, now).map(|pause| pause.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Thu, 15 Jan 2026 12:05:00 GMT"), Some(300));
        for none in ["0", "-5", "Thu, 15 Jan 2026 11:00:00 GMT", "soon", ""] {
            assert_eq!(seconds(none), None, "{none}");
        }
    }
}
