//! The report on adoption: what of the counts is told.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AnswerCount, DailyAdoption, date_of};
use crate::decision::Action;
use crate::{Channel, ProductId, Version};

/// How many versions of a day are told, those with the most decisions.
const MAX_VERSIONS: usize = 50;
/// How long after its end a day still gets counts: a function instance stores them once a minute
/// while it answers, and later if DynamoDB does not answer it.
const SETTLES_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// How many days a report has, today included: 1 to 90.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "u8")]
pub struct ReportDays(#[schemars(range(min = 1, max = 90))] u8);

impl Default for ReportDays {
    fn default() -> Self {
        Self(30)
    }
}

impl TryFrom<u8> for ReportDays {
    type Error = String;

    fn try_from(days: u8) -> Result<Self, String> {
        if (1..=90).contains(&days) { Ok(Self(days)) } else { Err("expected 1 to 90".to_owned()) }
    }
}

impl ReportDays {
    /// The first day of the report, UTC.
    #[must_use]
    pub fn first(self, now: Timestamp) -> Date {
        let earlier = i64::from(self.0) - 1;
        date_of(now).checked_sub(earlier.days()).unwrap_or(Date::MIN)
    }
}

/// Which versions of a product are in the field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AdoptionReport {
    /// Id of the product.
    pub product_id: ProductId,
    /// The days on which clients asked, newest first, each channel by itself.
    pub days: Vec<AdoptionDay>,
}

/// The decisions of one day on one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AdoptionDay {
    /// The day, UTC.
    #[schemars(with = "String", extend("format" = "date"))]
    pub date: Date,
    /// Channel that the decisions were based on.
    pub channel: Channel,
    /// Time of the latest count that is in it, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub as_of: Timestamp,
    /// Whether the day is over and its counts are in. A function instance that ends loses what it
    /// has counted in its last minute.
    pub complete: bool,
    /// Number of decisions. A client that asks often is counted often.
    pub decisions: u64,
    /// The versions that clients had, most decisions first, up to 50.
    pub versions: Vec<VersionAdoption>,
    /// Number of decisions for clients whose version is not told: fewer than five clients had it, it
    /// is too long, or there are too many.
    pub other: u64,
}

/// The decisions for clients with one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VersionAdoption {
    /// The installed version.
    pub version: Version,
    /// Number of decisions.
    pub decisions: u64,
    /// What these clients were told.
    pub answers: Vec<OfferCount>,
}

/// How often an action and a version were told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfferCount {
    /// What the client was told to do.
    pub action: Action,
    /// The offered version; null if none was.
    pub offered_version: Option<Version>,
    /// Number of decisions.
    pub decisions: u64,
}

impl AdoptionReport {
    /// The report of `days`, in whatever order.
    #[must_use]
    pub fn new(product_id: ProductId, mut days: Vec<AdoptionDay>) -> Self {
        days.sort_by(|a, b| (b.date, &a.channel).cmp(&(a.date, &b.channel)));
        Self { product_id, days }
    }
}

impl AdoptionDay {
    /// What is told of stored counts at `now`: less than they take in memory.
    #[must_use]
    pub fn new(stored: DailyAdoption, now: Timestamp) -> Self {
        let decisions = stored.counts.decisions();
        let mut by_version: BTreeMap<&Version, (AnswerCount, Vec<OfferCount>)> = BTreeMap::new();
        for (kind, count) in stored.counts.kinds() {
            let (sum, answers) = by_version.entry(&kind.current_version).or_default();
            sum.add(*count);
            answers.push(OfferCount {
                action: kind.action,
                offered_version: kind.offered_version.clone(),
                decisions: count.decisions,
            });
        }
        by_version.retain(|_, (sum, _)| sum.is_of_many());
        let named = by_version.into_iter().map(|(version, (sum, answers))| VersionAdoption {
            version: version.clone(),
            decisions: sum.decisions,
            answers,
        });
        let mut versions: Vec<_> = named.collect();
        versions.sort_by(|a, b| (b.decisions, &b.version).cmp(&(a.decisions, &a.version)));
        versions.truncate(MAX_VERSIONS);
        let told = versions.iter().fold(0_u64, |sum, one| sum.saturating_add(one.decisions));
        Self {
            complete: is_complete(stored.key.date, now),
            date: stored.key.date,
            channel: stored.key.channel,
            as_of: stored.as_of,
            decisions,
            other: decisions.saturating_sub(told),
            versions,
        }
    }
}

fn is_complete(date: Date, now: Timestamp) -> bool {
    let end = date.tomorrow().ok().and_then(|next| next.to_zoned(TimeZone::UTC).ok());
    end.is_some_and(|end| now.duration_since(end.timestamp()) >= SETTLES_AFTER)
}
