//! The row of the clients that were offered a release on a day.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use slipway_domain::outcome::{DailyOffered, OfferedKey, OfferedSketch};
use slipway_domain::{Error, Result};

use super::StoredEntity;
use super::text::StoredText;

impl StoredEntity for DailyOffered {
    type Row<'a> = DailyOfferedRow<'a>;

    fn to_row(&self) -> DailyOfferedRow<'_> {
        DailyOfferedRow {
            release_id: self.key.release_id.to_text(),
            date: self.key.date,
            registers: self.clients.to_text().into(),
        }
    }

    fn from_row(row: DailyOfferedRow<'_>) -> Result<Self> {
        let clients = OfferedSketch::from_text(&row.registers);
        let clients = clients.ok_or_else(|| Error::internal("registers of no sketch"))?;
        let release_id = StoredText::from_text(row.release_id)?;
        Ok(Self { key: OfferedKey { release_id, date: row.date }, clients })
    }
}

/// The clients that were offered a release on a day. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct DailyOfferedRow<'a> {
    release_id: Cow<'a, str>,
    date: Date,
    /// The registers of the sketch.
    registers: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    use slipway_domain::outcome::OfferedClient;

    use super::*;
    use crate::rows::{FIRST_FORM, read, write};

    #[test]
    fn a_sketch_is_what_was_written() {
        let release_id: slipway_domain::ReleaseId = "rel_1".parse().unwrap();
        let mut clients = OfferedSketch::default();
        let numbers = 0..3_000;
        numbers.for_each(|n| clients.add(OfferedClient::new(&release_id, &n.to_string())));
        let key = OfferedKey { release_id, date: "2026-01-31".parse().unwrap() };
        let day = DailyOffered { key, clients };
        let doc = write(&day).unwrap();
        assert_eq!(read::<DailyOffered>(FIRST_FORM, &doc).unwrap(), day);
        let broken = doc.replace(r#""registers":""#, r#""registers":"A"#);
        assert!(read::<DailyOffered>(FIRST_FORM, &broken).is_err());
    }
}
