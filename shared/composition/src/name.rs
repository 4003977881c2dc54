//! Names that people choose.

use slipway_domain::text::{Name, string_newtype};
use slipway_domain::{Error, Result};

string_newtype! {
    /// A component's, environment's or integration's short name, unique among them: 1 to 63
    /// characters of `a-z`, `0-9` and `-`.
    ShortName, what = "a name",
    rule = "1 to 63 characters of a-z, 0-9 and -, the first a letter or digit, as in `api`",
    pattern = "^[a-z0-9][a-z0-9-]{0,62}$",
    check = |text| is_name(text, 63, |byte| byte == b'-')
}

string_newtype! {
    /// A release bundle's name, unique among them: 1 to 128 characters of `a-z`, `0-9`, `.`, `_`
    /// and `-`.
    BundleName, what = "a release's name",
    rule = "1 to 128 characters of a-z, 0-9, ., _ and -, the first a letter or digit, as in `myapp-v2.3.1`",
    pattern = "^[a-z0-9][a-z0-9._-]{0,127}$",
    check = |text| is_name(text, 128, |byte| matches!(byte, b'.' | b'_' | b'-'))
}

impl ShortName {
    /// The display name: `chosen`, or the short name where none is.
    ///
    /// # Errors
    /// `internal` for a short name that is no display name, of which there is none.
    pub fn display_name(&self, chosen: Option<Name>) -> Result<Name> {
        chosen.map_or_else(|| self.as_str().parse().map_err(Error::internal), Ok)
    }
}

/// Letters and digits, and from the second character on what `more` allows.
fn is_name(text: &str, longest: usize, more: fn(u8) -> bool) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=longest).contains(&text.len())
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(|byte| is_word(byte) || more(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_and_begin_with_a_letter_or_digit() {
        for (text, short, bundle) in [
            ("api", true, true),
            ("myapp-v2.3.1", false, true),
            ("0", true, true),
            ("a_b", false, true),
            ("", false, false),
            ("-api", false, false),
            (".hidden", false, false),
            ("API", false, false),
            ("a b", false, false),
            ("..", false, false),
            ("é", false, false),
        ] {
            assert_eq!(text.parse::<ShortName>().is_ok(), short, "{text}");
            assert_eq!(text.parse::<BundleName>().is_ok(), bundle, "{text}");
        }
        assert!("a".repeat(64).parse::<ShortName>().is_err());
        assert!("a".repeat(129).parse::<BundleName>().is_err());
    }
}
