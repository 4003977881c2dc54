//! `limit`: how long a page may be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The largest number of items on a page: 1 to 200, 50 where nothing is said.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u16")]
#[schemars(inline, extend("minimum" = 1, "maximum" = 200, "default" = 50))]
pub struct Limit(u16);

impl Limit {
    /// The number.
    #[must_use]
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<u16> for Limit {
    type Error = String;

    fn try_from(limit: u16) -> Result<Self, String> {
        if (1..=200).contains(&limit) {
            Ok(Self(limit))
        } else {
            Err(format!("{limit} is not between 1 and 200"))
        }
    }
}
