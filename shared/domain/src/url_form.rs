//! What the URLs are like that are taken from outside, wherever they lead: written so that no two
//! readers take one for two places.

use url::{Host, Url};

/// The longest URL, in characters.
const MAX_LENGTH: usize = 2048;

/// Which scheme a URL may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebScheme {
    /// `https`.
    Https,
    /// `https`, or `http`.
    HttpsOrHttp,
}

impl WebScheme {
    fn name(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::HttpsOrHttp => "https or http",
        }
    }

    /// What begins as a URL of it, with its authority as RFC 3986 requires; a scheme has no case
    /// (section 3.1). Browsers and the `url` crate also accept `https:///host`.
    fn begins(self, text: &str) -> bool {
        let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let is_right = match scheme.as_deref() {
            Some("https") => true,
            Some("http") => self == Self::HttpsOrHttp,
            _ => false,
        };
        is_right && !authority(text).is_empty()
    }
}

/// The URL that `text` is, without userinfo and fragment. Scheme and host are in lower case.
///
/// # Errors
/// What is asked of such a URL, of what `text` does not fulfil; `example` is one, in words that
/// follow on "https with a host, as in ".
pub fn parse(text: &str, scheme: WebScheme, example: &str) -> Result<Url, String> {
    if text.contains('\\') {
        return Err("no backslash; a `/` separates the parts of a path".to_owned());
    }
    let url = Url::parse(text).map_err(|_| format!("an absolute URL such as {example}"))?;
    let with_host = format!("{} with a host, as in {example}", scheme.name());
    let rules = [
        // What is stored is what the URL standard makes of it, which can be longer, and has to be
        // read again.
        (
            text.len().max(url.as_str().len()) <= MAX_LENGTH,
            "at most 2048 characters, with all but ASCII percent-encoded",
        ),
        (!text.contains(char::is_whitespace), "no blanks; write them as %20"),
        (scheme.begins(text), with_host.as_str()),
        // Be it empty, which the `url` crate drops.
        (
            !authority(text).contains('@'),
            "no user name or password; whoever is shown the URL would see them",
        ),
        (url.fragment().is_none(), "no fragment (#...); it never reaches the server"),
        (url.port() != Some(0), "a port from 1 to 65535; nothing listens on port 0"),
        (!has_empty_label(&url), "a host without two dots in a row or one in front"),
    ];
    match rules.into_iter().find(|(holds, _)| !holds) {
        Some((_, rule)) => Err(rule.to_owned()),
        None => Ok(url),
    }
}

/// The URL that `text` is the origin of: scheme, host and, where it is not the usual one, port,
/// exactly as URLs write them. An address in another notation, upper case, a port that goes without
/// saying and the root's dot are refused, so that one place has one name.
///
/// # Errors
/// As [`parse`].
pub fn parse_origin(text: &str, example: &str) -> Result<Url, String> {
    let url = parse(text, WebScheme::HttpsOrHttp, example)?;
    if url.host_str().is_some_and(|host| host.ends_with('.')) {
        return Err("a host without a dot at its end".to_owned());
    }
    let origin = url.origin().ascii_serialization();
    if origin != text {
        return Err(format!("scheme, host and port alone, as in {origin}"));
    }
    Ok(url)
}

/// What stands between `//` and the path, query or fragment.
fn authority(text: &str) -> &str {
    let rest = text.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Whether the host is a name in which there is nothing between two dots or before the first. One
/// dot at the end is the root's.
fn has_empty_label(url: &Url) -> bool {
    let Some(Host::Domain(name)) = url.host() else { return false };
    name.strip_suffix('.').unwrap_or(name).split('.').any(str::is_empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What no URL here may be, and what is said of it.
    const WRONG: [(&str, &str); 17] = [
        ("", "absolute URL"),
        ("a.example.com", "absolute URL"),
        ("ftp://a.example.com", "with a host"),
        ("https://", "absolute URL"),
        ("https:///a.example.com", "with a host"),
        ("https:a.example.com", "with a host"),
        ("https:/a.example.com", "with a host"),
        ("https:\\\\a.example.com", "backslash"),
        ("https://a.example.com\\@b.example.com", "backslash"),
        ("https://a..b", "two dots"),
        ("https://.a.example.com", "one in front"),
        ("https://a.example.com..", "two dots"),
        ("https://a.example.com:0", "port 0"),
        ("https://@a.example.com", "user name"),
        ("https://user:password@a.example.com", "user name"),
        ("https://a.example.com#b", "fragment"),
        (" https://a.example.com", "blanks"),
    ];

    #[test]
    fn what_is_wrong_is_named_of_urls_and_of_origins() {
        for (text, why) in WRONG {
            let example = "https://a.example.com";
            for scheme in [WebScheme::Https, WebScheme::HttpsOrHttp] {
                let refused = parse(text, scheme, example).unwrap_err();
                assert!(refused.contains(why), "{text}: {refused}");
            }
            let refused = parse_origin(text, example).unwrap_err();
            assert!(refused.contains(why), "{text}: {refused}");
        }
        assert!(parse("http://a.example.com", WebScheme::Https, "b").is_err());
        assert!(parse("HTTP://a.example.com", WebScheme::HttpsOrHttp, "b").is_ok());
    }

    #[test]
    fn an_origin_is_what_urls_make_of_it() {
        for text in [
            "https://a.example.com",
            "http://a.example.com:5000",
            "https://xn--bcher-kva.example",
            "http://127.0.0.1:5000",
            "https://[2001:db8::1]",
        ] {
            assert_eq!(
                parse_origin(text, "").map(|url| url.origin().ascii_serialization()),
                Ok(text.to_owned())
            );
        }
        for (text, right) in [
            ("HTTPS://a.example.com", "https://a.example.com"),
            ("https://A.example.com", "https://a.example.com"),
            ("https://a.example.com:443", "https://a.example.com"),
            ("https://a.example.com/", "https://a.example.com"),
            ("https://a.example.com/v2?a", "https://a.example.com"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("https://a。example.com", "https://a.example.com"),
            ("https://%61.example.com", "https://a.example.com"),
            ("https://127.1", "https://127.0.0.1"),
            ("https://0x7f.1", "https://127.0.0.1"),
            ("https://2130706433", "https://127.0.0.1"),
        ] {
            let refused = parse_origin(text, "").unwrap_err();
            assert_eq!(refused, format!("scheme, host and port alone, as in {right}"), "{text}");
        }
        assert!(parse_origin("https://a.example.com.", "").unwrap_err().contains("dot at its end"));
    }
}
