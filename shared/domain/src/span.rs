//! Durations as requests and configuration have them.

use jiff::SignedDuration;

use crate::string_newtype;

string_newtype! {
    /// A duration: a number and `s`, `m`, `h` or `d`, as in `5m` or `30d`; at most ten years.
    Span, what = "a span of time", rule = "a number and s, m, h or d, as in `5m`, `1h` or `30d`, at most `3650d`",
    pattern = "^(0|[1-9][0-9]{0,8})[smhd]$", check = |text| seconds(text).is_some_and(|seconds| seconds <= LONGEST)
}

const LONGEST: i64 = 3650 * DAY;
const DAY: i64 = 24 * 60 * 60;

impl Span {
    /// `count` units; `unit` is `s`, `m`, `h` or `d`.
    #[must_use]
    pub fn new(count: u16, unit: char) -> Self {
        Self(format!("{count}{unit}"))
    }

    /// The duration, in whole seconds.
    #[must_use]
    pub fn duration(&self) -> SignedDuration {
        SignedDuration::from_secs(seconds(&self.0).unwrap_or_default())
    }

    /// The duration as text, in the largest unit that represents it exactly.
    #[must_use]
    pub fn of(duration: SignedDuration) -> Self {
        let seconds = duration.as_secs().clamp(0, LONGEST);
        let units = [(DAY, 'd'), (3600, 'h'), (60, 'm')];
        let (unit, name) = units
            .into_iter()
            .find(|(unit, _)| seconds > 0 && seconds % unit == 0)
            .unwrap_or((1, 's'));
        Self(format!("{}{name}", seconds / unit))
    }
}

fn seconds(text: &str) -> Option<i64> {
    let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let plain = count.len() <= 9
        && count.bytes().all(|byte| byte.is_ascii_digit())
        && (count == "0" || !count.starts_with('0'));
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => DAY,
        _ => return None,
    };
    count.parse::<i64>().ok().filter(|_| plain)?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        for (text, seconds) in [
            ("0s", 0),
            ("90s", 90),
            ("5m", 300),
            ("1h", 3600),
            ("30d", 30 * DAY),
            ("3650d", LONGEST),
        ] {
            assert_eq!(text.parse::<Span>().unwrap().duration().as_secs(), seconds, "{text}");
        }
        for text in
            ["", "5", "m", "5 m", "05m", "-1h", "1w", "1H", "1.5h", "3651d", "9999999999s", "é"]
        {
            let error = text.parse::<Span>().unwrap_err().to_string();
            assert!(error.contains("`30d`"), "{text}: {error}");
        }
    }

    #[test]
    fn a_duration_is_written_in_its_largest_whole_unit() {
        for (seconds, text) in
            [(0, "0s"), (90, "90s"), (300, "5m"), (86_400, "1d"), (90_000, "25h")]
        {
            assert_eq!(Span::of(SignedDuration::from_secs(seconds)).as_str(), text);
        }
    }
}
