//! Release channels.

use crate::string_newtype;
use crate::text::is_slug;

string_newtype! {
    /// A release channel, `[a-z0-9][a-z0-9-]{0,31}`. `stable`, `beta` and `internal` exist on every
    /// product.
    Channel, what = "a channel", rule = "1 to 32 characters of a-z, 0-9 and -, the first a letter or digit, as in `stable`",
    pattern = "^[a-z0-9][a-z0-9-]{0,31}$", check = |text| is_slug(text, 32)
}

impl Channel {
    /// The channels that every product has: `stable`, `beta` and `internal`.
    #[must_use]
    pub fn standard() -> [Self; 3] {
        ["stable", "beta", "internal"].map(|name| Self(name.to_owned()))
    }
}

impl Default for Channel {
    /// `stable`.
    fn default() -> Self {
        Self("stable".to_owned())
    }
}
