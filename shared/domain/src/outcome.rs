//! Outcomes: what became of a release on the clients that were offered it, as they report it.
//!
//! A client counts once for each release, with its last outcome. Neither its id nor its address is
//! kept: what is kept are digests with a salt that each release has of its own.

mod counts;
mod health;
mod network;
mod offered;
mod offered_sketch;
mod salt;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::counts::{DailyOutcomes, OTHER_CLASS, OutcomeCounts};
pub use self::health::{HealthCounts, HealthDay, ReleaseHealth};
pub use self::network::Network;
pub use self::offered::{CountedOffer, DailyOffered, OfferedKey};
pub use self::offered_sketch::{OfferedClient, OfferedSketch};
pub use self::salt::{ReportSalt, SaltedDigest};
use crate::decision::text_member;
use crate::{Error, ReleaseId, Result, string_newtype};

/// Limit of a client id, in bytes.
pub const MAX_CLIENT_ID: usize = 512;

/// What became of a release on a client.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is installed.
    Installed,
    /// Its download or installation failed.
    Failed,
    /// It was installed, and the client has gone back to what it had before.
    RolledBack,
}

impl Outcome {
    /// Whether it speaks against the release.
    #[must_use]
    pub fn is_failure(self) -> bool {
        self != Self::Installed
    }
}

string_newtype! {
    /// Class of an error, such as `disk_full`: a word of the vendor's own, which names neither a
    /// machine nor a person.
    ErrorClass,
    what = "an error class",
    rule = "1 to 64 of a-z, 0-9, `_`, `.` and `-`",
    pattern = "^[a-z0-9_.-]{1,64}$",
    check = |text| {
        let is_allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
        (1..=64).contains(&text.len()) && text.bytes().all(is_allowed)
    }
}

/// Request body of decision-outcome. Unknown fields are ignored, because installed clients outlive
/// servers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutcomeReport {
    /// Id of the release, as the decision named it.
    pub release_id: ReleaseId,
    /// Stable identifier of the client installation, as in decision; here up to 512 bytes. It is not
    /// stored.
    #[serde(deserialize_with = "text_member")]
    #[schemars(length(min = 1, max = MAX_CLIENT_ID), extend("examples" = ["client-1"]))]
    pub client_id: String,
    /// What became of the release.
    pub outcome: Outcome,
    /// Class of the error, for `failed` and `rolled_back`. Default: none.
    pub error_class: Option<ErrorClass>,
}

impl OutcomeReport {
    /// Validates what can be validated without the catalog.
    ///
    /// # Errors
    /// `invalid_field`, with the field.
    pub fn check(&self) -> Result<()> {
        if self.client_id.trim().is_empty() {
            return Err(Error::invalid(
                "client_id",
                "expected the client's id, which is not blank",
            ));
        }
        if self.client_id.len() > MAX_CLIENT_ID {
            let message = format!("{} bytes; at most {MAX_CLIENT_ID}", self.client_id.len());
            return Err(Error::invalid("client_id", message));
        }
        if self.error_class.is_some() && !self.outcome.is_failure() {
            let message = "only `failed` and `rolled_back` have an error class";
            return Err(Error::invalid("error_class", message));
        }
        Ok(())
    }
}

/// Response body of decision-outcome: what is on record of the client now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OutcomeReceipt {
    /// Id of the release.
    pub release_id: ReleaseId,
    /// The client's outcome.
    pub outcome: Outcome,
}

/// The last outcome of a client, and where it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientOutcome {
    /// What became of the release.
    pub outcome: Outcome,
    /// Class of the error, as it was reported.
    pub error_class: Option<ErrorClass>,
    /// Whether the class is counted as [`OTHER_CLASS`].
    pub is_other: bool,
    /// The day on which the client last brought in a class that nobody had reported before.
    pub named_on: Option<Date>,
    /// The day of the report, UTC.
    pub date: Date,
    /// The round of the release in which it was reported.
    pub round: u32,
    /// The mark of the network that it came from, of a failure.
    pub mark: Option<u8>,
}

impl ClientOutcome {
    /// Whether `report` says the same in the same `round`. In another one the client has tried
    /// again.
    #[must_use]
    pub fn is_repeated_by(&self, report: &OutcomeReport, round: u32) -> bool {
        let before = (self.outcome, &self.error_class, self.round);
        before == (report.outcome, &report.error_class, round)
    }

    /// The class that it is counted with.
    #[must_use]
    pub fn counted_class(&self) -> Option<&str> {
        let class = self.error_class.as_ref()?;
        Some(if self.is_other { OTHER_CLASS } else { class.as_str() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn report(client_id: &str, outcome: Outcome, class: Option<&str>) -> OutcomeReport {
        OutcomeReport {
            release_id: "rel_1".parse().unwrap(),
            client_id: client_id.to_owned(),
            outcome,
            error_class: class.map(|class| class.parse().unwrap()),
        }
    }

    #[test]
    fn a_report_names_its_client_and_success_has_no_error() {
        let field = |report: OutcomeReport| {
            report.check().err().and_then(|error| error.field().map(str::to_owned))
        };
        let of = |client_id: &str| field(report(client_id, Outcome::Installed, None));
        assert_eq!(of("c").as_deref(), None);
        assert_eq!(of(&"é".repeat(256)).as_deref(), None);
        for wrong in ["", " \t", &"é".repeat(257)] {
            assert_eq!(of(wrong).as_deref(), Some("client_id"));
        }
        let classed = |outcome| field(report("c", outcome, Some("disk_full")));
        assert_eq!(classed(Outcome::Installed).as_deref(), Some("error_class"));
        assert_eq!(classed(Outcome::Failed).or(classed(Outcome::RolledBack)), None);
    }

    #[test]
    fn an_error_class_is_a_short_word() {
        for right in ["a", "disk_full", "0x80070005", "msi.1603-1", &"a".repeat(64)] {
            assert!(right.parse::<ErrorClass>().is_ok(), "{right}");
        }
        for wrong in ["", "Disk", "disk full", "a/b", "é", &"a".repeat(65)] {
            assert!(wrong.parse::<ErrorClass>().is_err(), "{wrong}");
        }
    }

    fn client_id(client_id: &Value) -> String {
        let report =
            json!({ "release_id": "rel_1", "client_id": client_id, "outcome": "installed" });
        serde_json::from_value::<OutcomeReport>(report).unwrap().client_id
    }

    #[test]
    fn a_client_id_is_read_as_in_a_decision() {
        assert_eq!(client_id(&json!(7)), "7");
        assert_eq!(client_id(&json!(true)), "true");
        assert_eq!(client_id(&Value::Null), "");
    }
}
