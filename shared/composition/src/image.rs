//! What names a container image: repository, tag and digest, by the grammar of OCI's distribution
//! specification 1.1 and image specification 1.1.

use slipway_domain::text::string_newtype;

string_newtype! {
    /// A repository in a registry, as in `myorg/api`: at most 255 characters. Its parts, between
    /// slashes, are `a-z` and `0-9`, joined by `.`, `_`, `__` or any number of `-`.
    ImageRepository, what = "a repository",
    rule = "at most 255 characters: parts of a-z and 0-9, joined by ., _, __ or -, with / between parts, as in `myorg/api`",
    pattern = r"^(?=.{1,255}$)[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$",
    check = |text| text.len() <= 255 && text.split('/').all(is_repository_part)
}

string_newtype! {
    /// A tag, as in `v2.3.1`: 1 to 128 characters of `a-z`, `A-Z`, `0-9`, `_`, `.` and `-`, the
    /// first neither `.` nor `-`. A registry may move it to another digest at any time.
    ImageTag, what = "a tag",
    rule = "1 to 128 characters of a-z, A-Z, 0-9, _, . and -, the first neither . nor -, as in `v2.3.1`",
    pattern = "^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$", check = is_tag
}

string_newtype! {
    /// The digest of a manifest: `sha256:` and 64 hexadecimal digits, or `sha512:` and 128, in
    /// lower case. It names the same bytes for ever.
    ImageDigest, what = "a digest",
    rule = "`sha256:` and 64 hexadecimal digits in lower case, or `sha512:` and 128",
    pattern = "^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$", check = is_digest
}

/// Letters and digits, joined by separators: none at either end, none beside another.
fn is_repository_part(part: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let words = part.split(|c: char| c.is_ascii() && is_word(c as u8));
    let separators = part.bytes().all(|byte| is_word(byte) || matches!(byte, b'.' | b'_' | b'-'));
    let ends = |at: Option<u8>| at.is_some_and(is_word);
    let joined = words.filter(|between| !between.is_empty()).all(is_separator);
    separators && joined && ends(part.bytes().next()) && ends(part.bytes().last())
}

fn is_separator(between: &str) -> bool {
    matches!(between, "." | "_" | "__") || between.bytes().all(|byte| byte == b'-')
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    (1..=128).contains(&text.len())
        && text.as_bytes().first().is_some_and(is_word)
        && text.bytes().all(|byte| is_word(&byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    let is_hex = |hex: &str| hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    match text.split_once(':') {
        Some(("sha256", hex)) => hex.len() == 64 && is_hex(hex),
        Some(("sha512", hex)) => hex.len() == 128 && is_hex(hex),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_follows_ocis_grammar() {
        for (text, valid) in [
            ("api", true),
            ("myorg/api", true),
            ("a.b/c_d/e__f/g---h/0", true),
            ("", false),
            ("myorg//api", false),
            ("/api", false),
            ("api/", false),
            ("MyOrg/api", false),
            ("my..org", false),
            ("my___org", false),
            ("my.-org", false),
            ("-api", false),
            ("api.", false),
            ("../../v2", false),
            ("api:latest", false),
            ("api@sha256", false),
            ("käse", false),
            ("api\n", false),
        ] {
            assert_eq!(text.parse::<ImageRepository>().is_ok(), valid, "{text}");
        }
    }

    #[test]
    fn a_repository_has_at_most_255_characters() {
        assert!("a".repeat(255).parse::<ImageRepository>().is_ok());
        assert!("a".repeat(256).parse::<ImageRepository>().is_err());
    }

    #[test]
    fn a_tag_follows_ocis_grammar() {
        for (text, valid) in [
            ("v2.3.1", true),
            ("_x", true),
            ("2.3.1-rc.1", true),
            ("", false),
            (".hidden", false),
            ("-x", false),
            ("2.3.1+build", false),
            ("a/b", false),
            ("a b", false),
        ] {
            assert_eq!(text.parse::<ImageTag>().is_ok(), valid, "{text}");
        }
    }

    #[test]
    fn a_tag_has_at_most_128_characters() {
        assert!("a".repeat(128).parse::<ImageTag>().is_ok());
        assert!("a".repeat(129).parse::<ImageTag>().is_err());
    }

    #[test]
    fn a_digest_is_an_algorithm_and_its_digits_in_lower_case() {
        for (algorithm, digits) in [("sha256", 64), ("sha512", 128)] {
            let digest = |hex: &str| format!("{algorithm}:{hex}").parse::<ImageDigest>();
            assert!(digest(&"0a".repeat(digits / 2)).is_ok());
            assert!(digest(&"0A".repeat(digits / 2)).is_err());
            assert!(digest(&"0".repeat(digits - 1)).is_err());
            assert!(digest(&"g".repeat(digits)).is_err());
        }
        for text in ["", "sha256", "sha256:", "md5:00", "sha1:0000", &"0".repeat(64)] {
            assert!(text.parse::<ImageDigest>().is_err(), "{text}");
        }
    }
}
