//! The rows of outcomes: salts, the last outcome of each client, and counters.

use std::borrow::Cow;

use data_encoding::HEXLOWER;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use slipway_domain::outcome::{ClientOutcome, ReportSalt};
use slipway_domain::{Error, Result};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for ReportSalt {
    type Row<'a> = ReportSaltRow;

    fn to_row(&self) -> ReportSaltRow {
        ReportSaltRow { salt: HEXLOWER.encode(&self.0) }
    }

    fn from_row(row: ReportSaltRow) -> Result<Self> {
        let bytes = HEXLOWER.decode(row.salt.as_bytes()).map_err(Error::internal)?;
        let bytes = bytes.try_into().map_err(|_| Error::internal("a salt has 16 bytes"))?;
        Ok(Self(bytes))
    }
}

/// The salt of a release. Since the version after 0.1.0, as all of these rows.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReportSaltRow {
    salt: String,
}

impl StoredEntity for ClientOutcome {
    type Row<'a> = ClientOutcomeRow<'a>;

    fn to_row(&self) -> ClientOutcomeRow<'_> {
        ClientOutcomeRow {
            outcome: self.outcome.to_text(),
            error_class: text::optional(self.error_class.as_ref()),
            is_other: self.is_other,
            named_on: self.named_on,
            date: self.date,
            round: self.round,
            mark: self.mark,
        }
    }

    fn from_row(row: ClientOutcomeRow<'_>) -> Result<Self> {
        Ok(Self {
            outcome: StoredText::from_text(row.outcome)?,
            error_class: text::from_optional(row.error_class)?,
            is_other: row.is_other,
            named_on: row.named_on,
            date: row.date,
            round: row.round,
            mark: row.mark,
        })
    }
}

/// The last outcome of a client.
#[derive(Serialize, Deserialize)]
pub(crate) struct ClientOutcomeRow<'a> {
    outcome: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_class: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_other: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    named_on: Option<Date>,
    date: Date,
    #[serde(default)]
    round: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<u8>,
}

/// Of which day a counter is. What it counts are attributes beside it, which DynamoDB adds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CounterDay(pub(crate) Date);

impl StoredEntity for CounterDay {
    type Row<'a> = CounterDayRow;

    fn to_row(&self) -> CounterDayRow {
        CounterDayRow { date: self.0 }
    }

    fn from_row(row: CounterDayRow) -> Result<Self> {
        Ok(Self(row.date))
    }
}

/// The day of a counter.
#[derive(Serialize, Deserialize)]
pub(crate) struct CounterDayRow {
    date: Date,
}

#[cfg(test)]
mod tests {
    use slipway_domain::outcome::Outcome;

    use super::*;
    use crate::rows::{FIRST_FORM, read, write};

    #[test]
    fn a_clients_outcome_is_what_was_written() {
        for doc in [
            r#"{"outcome":"installed","date":"2026-01-31","round":0}"#,
            r#"{"outcome":"rolled_back","error_class":"disk_full","is_other":true,"date":"2026-01-31","round":2,"mark":63}"#,
        ] {
            let outcome: ClientOutcome = read(FIRST_FORM, doc).unwrap();
            assert_eq!(write(&outcome).unwrap(), doc);
            assert_eq!(outcome.counted_class(), outcome.is_other.then_some("other"));
            assert_eq!(outcome.outcome.is_failure(), outcome.outcome != Outcome::Installed);
        }
    }

    #[test]
    fn a_salt_is_what_was_written() {
        let salt = ReportSalt([0xa5; 16]);
        assert_eq!(read::<ReportSalt>(FIRST_FORM, &write(&salt).unwrap()).unwrap(), salt);
        assert!(read::<ReportSalt>(FIRST_FORM, r#"{"salt":"a5"}"#).is_err());
    }
}
