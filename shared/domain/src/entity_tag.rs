//! Entity tags, and the conditions of requests that name them (RFC 9110, sections 8.8.3, 13.1.1 and
//! 13.1.2).

use std::fmt;

use crate::Sha256;

/// A strong entity tag, in its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag(String);

impl EntityTag {
    /// The tag of a file: its digest.
    #[must_use]
    pub fn of_digest(digest: &Sha256) -> Self {
        Self(format!("\"{digest}\""))
    }

    /// The tag of a representation: the first half of its digest.
    #[must_use]
    pub fn of_representation(body: &[u8]) -> Self {
        let digest: String = Sha256::of(body).to_string().chars().take(32).collect();
        Self(format!("\"{digest}\""))
    }

    /// The tag as `ETag` has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a client that sends `If-None-Match` with these values has it already. The comparison
    /// is weak: `W/` does not matter.
    #[must_use]
    pub fn is_in_if_none_match<'a>(&self, values: impl IntoIterator<Item = &'a str>) -> bool {
        tags(values).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.0)
    }

    /// Whether the condition of `If-Match` with these values holds. The comparison is strong: a weak
    /// tag names nothing.
    #[must_use]
    pub fn is_in_if_match<'a>(&self, values: impl IntoIterator<Item = &'a str>) -> bool {
        tags(values).any(|tag| tag == "*" || tag == self.0)
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The tags of a header, which may come in several lines. A comma within a tag splits it, so that it
/// is none: no tag of Slipway has one.
fn tags<'a>(values: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    values.into_iter().flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_of_its_content() {
        let tag = EntityTag::of_representation(b"");
        assert_eq!(tag.as_str(), "\"e3b0c44298fc1c149afbf4c8996fb924\"");
        assert_ne!(tag, EntityTag::of_representation(b" "));
        assert_eq!(EntityTag::of_digest(&Sha256::of(b"")).as_str().len(), 66);
    }

    #[test]
    fn if_none_match_compares_weakly_and_if_match_strongly() {
        let tag = EntityTag::of_representation(b"");
        let (weak, other) = (format!("W/{tag}"), "\"other\"");
        let among = format!("{other}, {tag}");
        let weak_among = format!(" {other},{weak} ");
        for (values, is_known, is_matched) in [
            (vec![tag.as_str()], true, true),
            (vec!["*"], true, true),
            (vec![&among], true, true),
            (vec![other, tag.as_str()], true, true),
            (vec![&weak], true, false),
            (vec![&weak_among], true, false),
            (vec![other], false, false),
            (vec![""], false, false),
            (vec![], false, false),
            (vec![tag.as_str().trim_matches('"')], false, false),
            (vec!["W/W/\"e3b0c44298fc1c149afbf4c8996fb924\""], false, false),
        ] {
            let found = (
                tag.is_in_if_none_match(values.iter().copied()),
                tag.is_in_if_match(values.iter().copied()),
            );
            assert_eq!(found, (is_known, is_matched), "{values:?}");
        }
    }
}
