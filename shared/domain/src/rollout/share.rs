//! The share of clients, as requests say it: in basis points or in percent.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// All clients, in basis points.
pub(super) const ALL_CLIENTS: u16 = 10_000;

/// A share of clients in basis points, hundredths of a percent: 0 to 10000, which is all clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct BasisPoints(u16);

impl BasisPoints {
    /// The number.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for BasisPoints {
    type Error = String;

    fn try_from(number: u16) -> Result<Self, String> {
        if number <= ALL_CLIENTS {
            return Ok(Self(number));
        }
        Err(format!("{number} is more than {ALL_CLIENTS} basis points (100%)"))
    }
}

impl From<BasisPoints> for u16 {
    fn from(BasisPoints(number): BasisPoints) -> u16 {
        number
    }
}

impl JsonSchema for BasisPoints {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "BasisPoints".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 0, "maximum": ALL_CLIENTS })
    }
}

/// A share of clients in percent: 0 to 100, with two decimals at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Percent(BasisPoints);

impl Percent {
    /// The same share in basis points.
    #[must_use]
    pub fn basis_points(self) -> BasisPoints {
        self.0
    }
}

impl TryFrom<f64> for Percent {
    type Error = String;

    fn try_from(number: f64) -> Result<Self, String> {
        // The shortest text that stands for the number is what the request said: 12.34, and not
        // the binary fraction next to it.
        let basis_points = hundredths(&number.to_string());
        basis_points.and_then(|number| BasisPoints::try_from(number).ok()).map(Self).ok_or_else(
            || format!("{number} is not a percentage: 0 to 100, with two decimals at most"),
        )
    }
}

/// How many hundredths a decimal number with two decimals at most has; `None` for any other text.
fn hundredths(decimal: &str) -> Option<u16> {
    let (whole, decimals) = decimal.split_once('.').unwrap_or((decimal, ""));
    let is_exact = decimals.len() <= 2 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let padded = format!("{decimals:0<2}");
    let whole: u16 = whole.parse().ok()?;
    is_exact.then_some(whole)?.checked_mul(100)?.checked_add(padded.parse().ok()?)
}

impl From<Percent> for f64 {
    fn from(Percent(share): Percent) -> f64 {
        f64::from(share.get()) / 100.0
    }
}

impl JsonSchema for Percent {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.01 })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_percentage_has_two_decimals_at_most() {
        for (number, basis_points) in [
            ("0", 0),
            ("10", 1_000),
            ("12.5", 1_250),
            ("12.34", 1_234),
            ("0.01", 1),
            ("100", 10_000),
        ] {
            let percent: Percent = serde_json::from_str(number).unwrap();
            assert_eq!(percent.basis_points().get(), basis_points, "{number}");
            assert_eq!(json!(percent).as_f64(), number.parse().ok(), "{number}");
        }
        for number in ["-1", "-0.5", "100.01", "12.345", "1e9", "1e-9"] {
            let error = serde_json::from_str::<Percent>(number).unwrap_err().to_string();
            assert!(error.contains("two decimals at most"), "{number}: {error}");
        }
    }

    #[test]
    fn every_share_in_percent_is_the_one_in_basis_points() {
        for number in 0..=ALL_CLIENTS {
            let percent = Percent::try_from(f64::from(number) / 100.0).unwrap();
            assert_eq!(percent.basis_points().get(), number);
        }
    }
}
