//! Which part of a file is asked for (RFC 9110, section 14).

use axum::http::HeaderMap;
use axum::http::header::{IF_RANGE, RANGE};

/// What of a file a request is answered with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it: also where the header can't be read, has a unit that is not known or more than
    /// one range, or where the condition of `If-Range` does not hold. A server may ignore all of
    /// these, and 416 would keep the client from the file for good.
    Whole,
    /// From the first of these bytes to the second.
    Range(u64, u64),
    /// Nothing: the range begins after the end.
    Unsatisfiable,
}

impl Part {
    /// The part that `headers` ask for, of a file with `etag` and `length` bytes.
    pub fn of(headers: &HeaderMap, etag: &str, length: u64) -> Self {
        let mut ranges = headers.get_all(RANGE).into_iter();
        let (Some(range), None) = (ranges.next(), ranges.next()) else { return Self::Whole };
        // A part of something else is of no use (section 13.1.5).
        if headers.get(IF_RANGE).is_some_and(|condition| condition.as_bytes() != etag.as_bytes()) {
            return Self::Whole;
        }
        range.to_str().ok().and_then(|range| Self::parse(range, length)).unwrap_or(Self::Whole)
    }

    fn parse(range: &str, length: u64) -> Option<Self> {
        let (unit, range) = range.split_once('=')?;
        let (first, last) = range.trim().split_once('-')?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (start, end) = match (first, last) {
            ("", suffix) => (length.saturating_sub(position(suffix)?), length.checked_sub(1)),
            (first, "") => (position(first)?, length.checked_sub(1)),
            (first, last) => {
                let (first, last) = (position(first)?, position(last)?);
                if last < first {
                    return None;
                }
                (first, length.checked_sub(1).map(|end| end.min(last)))
            }
        };
        let satisfiable = end.filter(|end| start <= *end);
        Some(satisfiable.map_or(Self::Unsatisfiable, |end| Self::Range(start, end)))
    }
}

/// Digits and nothing else; what is too large for a number is beyond the end of any file.
fn position(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(range: &str) -> Part {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, range.parse().unwrap());
        Part::of(&headers, "\"etag\"", 100)
    }

    #[test]
    fn one_range_of_bytes_is_a_part() {
        for (range, first, last) in [
            ("bytes=0-0", 0, 0),
            ("bytes=10-19", 10, 19),
            ("Bytes=10-", 10, 99),
            ("bytes=-10", 90, 99),
            ("bytes=-1000", 0, 99),
            ("bytes=90-1000", 90, 99),
            ("bytes=0-99999999999999999999999", 0, 99),
            ("bytes= 5-6 ", 5, 6),
        ] {
            assert_eq!(part(range), Part::Range(first, last), "{range}");
        }
    }

    #[test]
    fn a_range_beyond_the_end_can_t_be_satisfied() {
        for range in ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999-"] {
            assert_eq!(part(range), Part::Unsatisfiable, "{range}");
        }
    }

    #[test]
    fn what_is_not_known_or_not_supported_is_ignored() {
        for range in [
            "lines=1-2",
            "bytes=0-1,5-6",
            "bytes=200-300,400-500",
            "bytes=5-2",
            "bytes=-",
            "bytes=a-b",
            "bytes=+1-2",
            "bytes",
            "",
        ] {
            assert_eq!(part(range), Part::Whole, "{range}");
        }
        let mut headers = HeaderMap::new();
        headers.append(RANGE, "bytes=0-1".parse().unwrap());
        headers.append(RANGE, "bytes=2-3".parse().unwrap());
        assert_eq!(Part::of(&headers, "\"etag\"", 100), Part::Whole);
    }
}
