//! The row of a product's counts on a channel and day.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use slipway_domain::adoption::{
    AdoptionCounts, AdoptionKey, AnswerCount, AnswerKind, ClientSketch, DailyAdoption,
};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::text::{self, StoredText};

impl StoredEntity for DailyAdoption {
    type Row<'a> = DailyAdoptionRow<'a>;

    fn to_row(&self) -> DailyAdoptionRow<'_> {
        self.into()
    }

    fn from_row(row: DailyAdoptionRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// The decisions on a product and channel on a day. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct DailyAdoptionRow<'a> {
    product_id: Cow<'a, str>,
    channel: Cow<'a, str>,
    date: Date,
    as_of: Timestamp,
    answers: Vec<AnswerRow<'a>>,
    other: u64,
}

/// The decisions of a kind.
#[derive(Serialize, Deserialize)]
struct AnswerRow<'a> {
    current: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offered: Option<Cow<'a, str>>,
    action: Cow<'a, str>,
    decisions: u64,
    unidentified: u64,
    /// The sketch of the clients with an id.
    clients: u64,
}

impl<'a> From<&'a DailyAdoption> for DailyAdoptionRow<'a> {
    fn from(value: &'a DailyAdoption) -> Self {
        Self {
            product_id: value.key.product_id.to_text(),
            channel: value.key.channel.to_text(),
            date: value.key.date,
            as_of: value.as_of,
            answers: value.counts.kinds().iter().map(Into::into).collect(),
            other: value.counts.other(),
        }
    }
}

impl<'a> From<(&'a AnswerKind, &'a AnswerCount)> for AnswerRow<'a> {
    fn from((kind, count): (&'a AnswerKind, &'a AnswerCount)) -> Self {
        Self {
            current: kind.current_version.to_text(),
            offered: text::optional(kind.offered_version.as_ref()),
            action: kind.action.to_text(),
            decisions: count.decisions,
            unidentified: count.unidentified,
            clients: count.clients.bits(),
        }
    }
}

impl TryFrom<DailyAdoptionRow<'_>> for DailyAdoption {
    type Error = Error;

    fn try_from(row: DailyAdoptionRow<'_>) -> Result<Self> {
        let key = AdoptionKey {
            product_id: StoredText::from_text(row.product_id)?,
            date: row.date,
            channel: StoredText::from_text(row.channel)?,
        };
        let answers = row.answers.into_iter().map(TryInto::try_into);
        let kinds = answers.collect::<Result<_>>()?;
        Ok(Self { key, counts: AdoptionCounts::new(kinds, row.other), as_of: row.as_of })
    }
}

impl TryFrom<AnswerRow<'_>> for (AnswerKind, AnswerCount) {
    type Error = Error;

    fn try_from(row: AnswerRow<'_>) -> Result<Self> {
        let kind = AnswerKind {
            current_version: StoredText::from_text(row.current)?,
            offered_version: text::from_optional(row.offered)?,
            action: StoredText::from_text(row.action)?,
        };
        let clients = ClientSketch::from_bits(row.clients);
        let AnswerRow { decisions, unidentified, .. } = row;
        Ok((kind, AnswerCount { decisions, unidentified, clients }))
    }
}
