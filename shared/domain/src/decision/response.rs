//! The response to a request for decisions, before it is signed.

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Decision;
use crate::Sha256;

/// How long a client may rely on a decision response.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// Response of decision, signed. See docs/SIGNING.md.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionResponse {
    /// One decision per requested product, in the order of the request.
    pub decisions: Vec<Decision>,
    /// The request's nonce; absent if the request had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// SHA-256 digest of the request's body as it was received, 64 hex digits in lower case. A
    /// client compares it with the digest of what it has sent: the answer to another client is none.
    pub request_sha256: Sha256,
    /// Time of the decision, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub issued_at: Timestamp,
    /// Time of expiry, RFC 3339, UTC: clients ask again before acting on the response later.
    #[schemars(with = "crate::page::Rfc3339")]
    pub expires_at: Timestamp,
}

impl DecisionResponse {
    /// The response of `now`, which expires after [`LIFETIME`].
    #[must_use]
    pub fn new(
        decisions: Vec<Decision>,
        nonce: Option<String>,
        request_sha256: Sha256,
        now: Timestamp,
    ) -> Self {
        let expires_at = now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        Self { decisions, nonce, request_sha256, issued_at: now, expires_at }
    }

    /// The same, which expires at `end` at the latest.
    #[must_use]
    pub fn ending_by(self, end: Timestamp) -> Self {
        Self { expires_at: self.expires_at.min(end), ..self }
    }
}
