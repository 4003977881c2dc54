//! The generation schedule: when snapshots are generated without a change.

use std::fmt;
use std::str::FromStr;

use croner::Cron as Pattern;
use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use slipway_domain::text::TextError;
use slipway_domain::{Error, Result, Span};

/// The shortest interval. The schedule is evaluated once a minute.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);

/// Scheduled generation, by `cron` or by `interval`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Whether scheduled generation is enabled.
    pub enabled: bool,
    /// Time from one generation to the next, at least `1m`. Ignored if `cron` is given; absent if
    /// not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Span>,
    /// Cron expression, in UTC. Takes precedence over `interval`; absent if not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<Cron>,
}

impl Default for Schedule {
    /// Enabled, every hour.
    fn default() -> Self {
        Self { enabled: true, interval: Some(Span::new(1, 'h')), cron: None }
    }
}

impl Schedule {
    /// Validates the schedule.
    ///
    /// # Errors
    /// `invalid_field` for an interval below a minute, or an enabled schedule with neither `cron`
    /// nor `interval`.
    pub fn check(&self) -> Result<()> {
        if self.interval.as_ref().is_some_and(|interval| interval.duration() < SHORTEST) {
            return Err(Error::invalid(
                "scheduled.interval",
                "an interval is at least `1m`: the schedule looks at the clock once a minute",
            ));
        }
        if self.enabled && self.interval.is_none() && self.cron.is_none() {
            return Err(Error::invalid(
                "scheduled",
                "a schedule that is enabled needs `interval` or `cron`",
            ));
        }
        Ok(())
    }

    /// The last due time after `last` and up to `now`; `None` if there was none. Missed times are
    /// not made up for one by one.
    #[must_use]
    pub fn due(&self, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let due = match (&self.cron, &self.interval) {
            _ if !self.enabled => None,
            (Some(cron), _) => cron.last_before(now),
            (None, Some(interval)) => last_step(last, interval.duration(), now),
            (None, None) => None,
        };
        due.filter(|due| *due > last)
    }
}

impl Schedule {
    /// Whether it ever leaves more than `longest` between two generations while it is enabled.
    #[must_use]
    pub fn has_gap_above(&self, longest: SignedDuration) -> bool {
        match (&self.cron, &self.interval) {
            _ if !self.enabled => false,
            (Some(cron), _) => cron.has_gap_above(longest),
            (None, Some(interval)) => interval.duration() > longest,
            (None, None) => false,
        }
    }
}

/// The last of `last + interval`, `last + 2 * interval`, ... that is not after `now`.
pub(super) fn last_step(
    last: Timestamp,
    interval: SignedDuration,
    now: Timestamp,
) -> Option<Timestamp> {
    let steps = now.duration_since(last).as_secs().checked_div(interval.as_secs())?;
    let whole = i32::try_from(steps).ok().and_then(|steps| interval.checked_mul(steps))?;
    last.checked_add(whole).ok()
}

/// A cron expression of five fields, in UTC: minute, hour, day of month, month, day of week.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = r"^\S+ \S+ \S+ \S+ \S+$", "maxLength" = 128))]
pub struct Cron(Box<ParsedCron>);

#[derive(Clone, PartialEq, Eq)]
struct ParsedCron {
    text: String,
    pattern: Pattern,
}

impl Cron {
    /// The expression as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The expression of a row, which was checked when it was written. Only for rows: all that is
    /// asked is that it can be parsed.
    ///
    /// # Errors
    /// What the parser refuses.
    pub fn from_stored(text: &str) -> Result<Self, TextError> {
        let parsed = ParsedCron::of(text.to_owned());
        parsed.map(|parsed| Self(Box::new(parsed))).ok_or_else(|| refused(text))
    }

    fn last_before(&self, now: Timestamp) -> Option<Timestamp> {
        let now: Zoned = now.to_zoned(TimeZone::UTC);
        self.0.pattern.find_previous_occurrence(&now, true).ok().map(|due| due.timestamp())
    }
}

impl Cron {
    /// Whether two of its times in a row are further apart than `longest`. Looks at 400 days, or at
    /// 2,000 times `longest`, which is weeks even for an hour.
    fn has_gap_above(&self, longest: SignedDuration) -> bool {
        const DAYS: SignedDuration = SignedDuration::from_hours(400 * 24);
        let end = Timestamp::UNIX_EPOCH.saturating_add(DAYS).unwrap_or(Timestamp::MAX);
        let first = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
        let first = self.0.pattern.find_next_occurrence(&first, true);
        let Ok(mut time) = first.map(|time| time.timestamp()) else { return true };
        for _ in 0..2000 {
            // The last one that is near enough: a gap is never stepped over.
            let limit = time.saturating_add(longest).unwrap_or(Timestamp::MAX);
            match self.last_before(limit) {
                Some(next) if next > time => time = next,
                _ => return true,
            }
            if time >= end {
                break;
            }
        }
        false
    }
}

impl ParsedCron {
    fn of(text: String) -> Option<Self> {
        let parser =
            CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        parser.parse(&text).ok().map(|pattern| Self { text, pattern })
    }

    /// `0 0 31 2 *` is well formed and never comes true.
    fn comes_true(&self) -> bool {
        let start = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
        self.pattern.find_next_occurrence(&start, false).is_ok()
    }
}

fn refused(text: &str) -> TextError {
    const RULE: &str = "five fields in UTC (minute, hour, day of month, month, day of week), as in `0 * * * *`, that come true some time";
    TextError::new(text, "a cron expression", RULE)
}

impl TryFrom<String> for Cron {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        // A nickname such as `@hourly` has one field: this refuses it, so that there is one way to
        // write an expression.
        if text.len() > 128 || text.split(' ').count() != 5 || text.split(' ').any(str::is_empty) {
            return Err(refused(&text));
        }
        ParsedCron::of(text.clone())
            .filter(ParsedCron::comes_true)
            .map(|parsed| Self(Box::new(parsed)))
            .ok_or_else(|| refused(&text))
    }
}

impl FromStr for Cron {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::try_from(text.to_owned())
    }
}

impl From<Cron> for String {
    fn from(cron: Cron) -> Self {
        cron.0.text
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn every(interval: &str) -> Schedule {
        Schedule { enabled: true, interval: Some(interval.parse().unwrap()), cron: None }
    }

    fn by(cron: &str) -> Schedule {
        Schedule { enabled: true, interval: None, cron: Some(cron.parse().unwrap()) }
    }

    #[test]
    fn an_interval_falls_due_when_it_is_over_and_not_a_second_before() {
        let last = at("2026-01-01T10:00:00Z");
        assert_eq!(every("1h").due(last, at("2026-01-01T10:59:59Z")), None);
        assert_eq!(
            every("1h").due(last, at("2026-01-01T11:00:00Z")),
            Some(at("2026-01-01T11:00:00Z"))
        );
    }

    #[test]
    fn what_was_missed_counts_once_and_the_rhythm_stays() {
        let last = at("2026-01-01T10:00:00Z");
        assert_eq!(
            every("1h").due(last, at("2026-01-01T15:30:00Z")),
            Some(at("2026-01-01T15:00:00Z"))
        );
        assert_eq!(
            by("30 * * * *").due(last, at("2026-01-01T15:45:00Z")),
            Some(at("2026-01-01T15:30:00Z"))
        );
    }

    #[test]
    fn a_cron_expression_falls_due_at_its_minute_in_utc() {
        let nightly = by("15 3 * * 1-5");
        let (friday, monday) = (at("2026-01-02T03:15:00Z"), at("2026-01-05T03:15:00Z"));
        assert_eq!(nightly.due(at("2026-01-02T03:14:00Z"), friday), Some(friday));
        assert_eq!(nightly.due(friday, at("2026-01-05T03:14:59Z")), None);
        assert_eq!(nightly.due(friday, monday), Some(monday));
    }

    #[test]
    fn cron_wins_over_interval_and_nothing_falls_due_while_it_is_off() {
        let both = Schedule { interval: every("1m").interval, ..by("0 0 * * *") };
        let last = at("2026-01-01T10:00:00Z");
        assert_eq!(both.due(last, at("2026-01-01T12:00:00Z")), None);
        let off = Schedule { enabled: false, ..every("1m") };
        assert_eq!(off.due(last, at("2026-01-01T12:00:00Z")), None);
    }

    #[test]
    fn the_longest_gap_of_a_schedule_is_known() {
        let hours = SignedDuration::from_hours;
        for (schedule, longest) in [
            (every("2h"), hours(2)),
            (by("0 * * * *"), hours(1)),
            (by("* * * * *"), SignedDuration::from_mins(1)),
            (by("0 0,6 * * *"), hours(18)),
            (by("*/10 9-17 * * 1-5"), hours(63) + SignedDuration::from_mins(10)),
            (by("0 0 1 * *"), hours(31 * 24)),
            (by("0 0 1 1 *"), hours(365 * 24)),
        ] {
            assert!(!schedule.has_gap_above(longest), "{schedule:?}");
            assert!(schedule.has_gap_above(longest - SignedDuration::from_secs(1)), "{schedule:?}");
        }
        let off = Schedule { enabled: false, ..every("2h") };
        assert!(!off.has_gap_above(hours(1)));
    }

    #[test]
    fn an_expression_that_is_not_five_fields_or_never_comes_true_is_refused() {
        for text in [
            "",
            "* * * *",
            "0 * * * * *",
            "@hourly",
            "61 * * * *",
            "0 0 31 2 *",
            "a b c d e",
            "*  * * * *",
        ] {
            let error = text.parse::<Cron>().unwrap_err().to_string();
            assert!(error.contains("five fields"), "{text}: {error}");
        }
    }

    #[test]
    fn a_schedule_that_can_t_be_kept_is_refused() {
        assert!(every("59s").check().is_err() && every("1m").check().is_ok());
        assert!(Schedule { enabled: true, interval: None, cron: None }.check().is_err());
        assert!(Schedule { enabled: false, interval: None, cron: None }.check().is_ok());
    }
}
