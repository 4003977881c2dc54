//! Checks of external artifacts: their bytes are fetched and compared with what was registered.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Artifact, SourceType};
use crate::Sha256;

/// A check of an `EXTERNAL` artifact: what was at its URL then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactCheck {
    /// Time of the check, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub checked_at: Timestamp,
    /// What was found.
    pub outcome: CheckOutcome,
    /// What exactly is wrong; null if nothing is.
    pub detail: Option<String>,
}

/// What a check has found at the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// Bytes of the registered size and digest.
    Match,
    /// Bytes of another size.
    SizeMismatch,
    /// Bytes of another digest.
    ChecksumMismatch,
    /// No bytes: the host was not reached, answered with an error, or was too slow.
    Unreachable,
}

impl ArtifactCheck {
    /// The check at `now` of an artifact at whose URL there were `size_bytes` bytes of digest
    /// `sha256`.
    #[must_use]
    pub fn of_bytes(artifact: &Artifact, size_bytes: u64, sha256: Sha256, now: Timestamp) -> Self {
        let (outcome, detail) = if size_bytes != artifact.size_bytes {
            let registered = artifact.size_bytes;
            let detail = format!("{size_bytes} bytes or more, not the registered {registered}");
            (CheckOutcome::SizeMismatch, Some(detail))
        } else if sha256 != artifact.sha256 {
            let detail = format!("SHA-256 {sha256}, not the registered {}", artifact.sha256);
            (CheckOutcome::ChecksumMismatch, Some(detail))
        } else {
            (CheckOutcome::Match, None)
        };
        Self { checked_at: now, outcome, detail }
    }

    /// The check at `now` of an artifact whose bytes could not be fetched, for the reason `detail`.
    #[must_use]
    pub fn unreachable(detail: String, now: Timestamp) -> Self {
        Self { checked_at: now, outcome: CheckOutcome::Unreachable, detail: Some(detail) }
    }
}

impl Artifact {
    /// The artifact after `check`.
    #[must_use]
    pub fn checked(self, check: ArtifactCheck) -> Self {
        let verified = is_verified(self.source_type, Some(&check));
        Self { verified, check: Some(check), ..self }
    }
}

/// Whether Slipway has read the bytes of an artifact: those that it stores, and those whose last
/// check has found them.
#[must_use]
pub fn is_verified(source_type: SourceType, check: Option<&ArtifactCheck>) -> bool {
    source_type == SourceType::Managed
        || check.is_some_and(|check| check.outcome == CheckOutcome::Match)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registered() -> Artifact {
        Artifact {
            artifact_id: "art_1".parse().unwrap(),
            source_type: SourceType::External,
            sha256: Sha256::of(b"bytes"),
            size_bytes: 5,
            external_url: Some("https://downloads.example.com/app.msi".parse().unwrap()),
            filename: None,
            created_at: Timestamp::UNIX_EPOCH,
            created_by: "test".to_owned(),
            verified: false,
            check: None,
        }
    }

    #[test]
    fn what_is_verified_is_what_the_last_check_has_found() {
        let check = |bytes: &[u8]| {
            let size = u64::try_from(bytes.len()).unwrap();
            ArtifactCheck::of_bytes(&registered(), size, Sha256::of(bytes), Timestamp::UNIX_EPOCH)
        };
        for (bytes, outcome) in
            [(b"bytes", CheckOutcome::Match), (b"other", CheckOutcome::ChecksumMismatch)]
        {
            let artifact = registered().checked(check(bytes));
            assert_eq!(artifact.check.as_ref().unwrap().outcome, outcome);
            assert_eq!(artifact.verified, outcome == CheckOutcome::Match);
        }
        let good = registered().checked(check(b"bytes"));
        let short = good.clone().checked(check(b"byte"));
        assert_eq!(short.check.as_ref().unwrap().outcome, CheckOutcome::SizeMismatch);
        assert!(!short.verified);
        let gone = ArtifactCheck::unreachable("404".to_owned(), Timestamp::UNIX_EPOCH);
        assert!(good.verified && !good.checked(gone).verified);
    }
}
