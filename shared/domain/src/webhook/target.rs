//! Where a webhook's messages go, and the secret that they are signed with.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use url::Url;

use crate::public_url;
use crate::text::TextError;

/// An absolute `https` URL without userinfo and fragment, at most 2,048 characters, of a host that
/// has a DNS name outside of any local network.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("format" = "uri", "pattern" = r"^[Hh][Tt][Tt][Pp][Ss]://[^/?#@\s]+[^#\s]*$", "maxLength" = 2048))]
pub struct WebhookUrl(Url);

/// The secret of a webhook: `whsec_` and 256 random bits in base64, as Standard Webhooks has them.
/// Shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebhookSecret(String);

/// What a deployment keeps sealed of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookTarget {
    /// Where messages go. The path or query of many receivers is a credential.
    #[serde(deserialize_with = "stored_url")]
    pub url: WebhookUrl,
    /// What they are signed with.
    pub secret: WebhookSecret,
}

/// A URL that was checked when it was sealed: rules that became stricter since do not hold for it.
fn stored_url<'de, D: Deserializer<'de>>(url: D) -> Result<WebhookUrl, D::Error> {
    let url = String::deserialize(url)?;
    url.parse().map(WebhookUrl).map_err(D::Error::custom)
}

impl WebhookUrl {
    /// The URL, parsed.
    #[must_use]
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

impl FromStr for WebhookUrl {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Of what is refused, too, the rest may be a credential.
        public_url::parse(text, "https://hooks.example.com/slipway")
            .map(Self)
            .map_err(|rule| TextError::without_text("a webhook's URL", &rule))
    }
}

impl TryFrom<String> for WebhookUrl {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<WebhookUrl> for String {
    fn from(url: WebhookUrl) -> Self {
        url.0.into()
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({}/..)", self.origin())
    }
}

impl WebhookSecret {
    const PREFIX: &str = "whsec_";

    /// The secret for `entropy`.
    #[must_use]
    pub fn from_entropy(entropy: [u8; 32]) -> Self {
        Self(format!("{}{}", Self::PREFIX, BASE64.encode(&entropy)))
    }

    /// The key that messages are authenticated with; `None` where the text is no secret.
    #[must_use]
    pub fn key(&self) -> Option<Vec<u8>> {
        BASE64.decode(self.0.strip_prefix(Self::PREFIX)?.as_bytes()).ok()
    }

    /// The secret as text, to be shown once.
    #[must_use]
    pub fn reveal(self) -> String {
        self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_https_to_a_public_name_and_what_is_refused_is_not_repeated() {
        let url: WebhookUrl = "https://hooks.example.com:8443/a?b=c".parse().unwrap();
        assert_eq!(url.origin(), "https://hooks.example.com:8443");
        for wrong in [
            "http://hooks.example.com/s3cret",
            "https:///hooks.example.com/s3cret",
            "https://user:s3cret@hooks.example.com/",
            "https://hooks.example.com/s3cret#a",
            "https://127.0.0.1/s3cret",
            "https://localhost/s3cret",
            "https://hooks.internal/s3cret",
            "https://hooks.example.com/s3cret b",
            "s3cret",
        ] {
            let refused = wrong.parse::<WebhookUrl>().unwrap_err().to_string();
            assert!(!refused.contains("s3cret"), "{wrong}: {refused}");
            assert!(refused.starts_with("this is not a webhook's URL: "), "{refused}");
        }
        let long = format!("https://hooks.example.com/{}", "x".repeat(2048));
        assert!(long.parse::<WebhookUrl>().is_err());
    }

    #[test]
    fn a_target_comes_back_and_debug_shows_no_secret() {
        let target = WebhookTarget {
            url: "https://hooks.example.com/s3cret".parse().unwrap(),
            secret: WebhookSecret::from_entropy([7; 32]),
        };
        let text = serde_json::to_string(&target).unwrap();
        assert_eq!(serde_json::from_str::<WebhookTarget>(&text).unwrap(), target);
        assert_eq!(target.secret.key().unwrap(), [7; 32]);
        let older = text.replace("hooks.example.com", "hooks.example");
        let older: WebhookTarget = serde_json::from_str(&older).unwrap();
        assert_eq!(older.url.origin(), "https://hooks.example");
        let shown = format!("{target:?}");
        assert!(!shown.contains("s3cret") && !shown.contains("whsec_"), "{shown}");
    }
}
