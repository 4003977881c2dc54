//! Validated strings: how input becomes a type that can't hold an invalid value.

use std::fmt;

/// Why a string was rejected: what it should have been, and which values are valid. The message
/// shortens the string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextError(String);

impl TextError {
    /// `text` is not a valid `what`; `rule` describes valid ones.
    #[must_use]
    pub fn new(text: &str, what: &str, rule: &str) -> Self {
        let shown: String = text.chars().take(64).collect();
        let more = if shown.len() < text.len() { "…" } else { "" };
        Self(format!("`{}{more}` is not {what}: {rule}", shown.escape_debug()))
    }

    /// The same of a text that may be a secret, and is not repeated.
    #[must_use]
    pub fn without_text(what: &str, rule: &str) -> Self {
        Self(format!("this is not {what}: {rule}"))
    }
}

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TextError {}

/// Defines `$name`, a string that satisfies `$check`, with parsing, display, serde, and a JSON
/// schema that has the same rule as a pattern.
#[macro_export]
macro_rules! string_newtype {
    ($(#[$doc:meta])* $name:ident, what = $what:literal, rule = $rule:literal, pattern = $pattern:literal, check = $check:expr) => {
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        $(#[$doc])*
        #[serde(try_from = "String", into = "String")]
        #[schemars(extend("pattern" = $pattern))]
        pub struct $name(String);

        impl $name {
            /// The string itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text of a row, which was checked when it was written. Only for rows: no rule is
            /// applied, because rules can become stricter and rows stay as they are.
            #[must_use]
            pub fn from_stored(text: impl Into<String>) -> Self {
                Self(text.into())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::text::TextError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::try_from(text.to_owned())
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::text::TextError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                let check: fn(&str) -> bool = $check;
                if check(&text) { Ok(Self(text)) } else { Err($crate::text::TextError::new(&text, $what, $rule)) }
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub use string_newtype;

/// Whether `text` is 1 to `longest` characters of `a-z`, `0-9` and `-`, and does not start with
/// `-`.
#[must_use]
pub(crate) fn is_slug(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && !text.starts_with('-')
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

string_newtype! {
    /// A product's short name in URLs, unique in a deployment: 1 to 63 characters of `a-z`, `0-9`
    /// and `-`.
    Slug, what = "a slug", rule = "1 to 63 characters of a-z, 0-9 and -, the first a letter or digit, as in `my-app`",
    pattern = "^[a-z0-9][a-z0-9-]{0,62}$", check = |text| is_slug(text, 63)
}

string_newtype! {
    /// A display name: 1 to 128 characters, without control characters and without leading or
    /// trailing white space.
    Name, what = "a name", rule = "1 to 128 characters without control characters and without blanks at the ends",
    pattern = r"^[^\s\u0000-\u001f\u007f](.{0,126}[^\s\u0000-\u001f\u007f])?$", check = is_name
}

fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

string_newtype! {
    /// A description of up to 2,000 characters; may be empty.
    Description, what = "a description", rule = "at most 2000 characters, none a control character but line ends and tabs",
    pattern = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]{0,2000}$",
    check = |text| text.chars().count() <= 2000 && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

string_newtype! {
    /// A reason, as the audit log records it: 1 to 1,000 characters.
    Reason, what = "a reason", rule = "1 to 1000 characters, not all of them blank",
    pattern = r"^[\s\S]{0,999}\S[\s\S]{0,999}$", check = |text| (1..=1000).contains(&text.chars().count()) && !text.trim().is_empty()
}
