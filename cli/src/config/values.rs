//! Whether one setting is legal by itself.

use std::time::Duration;

use slipway_snapshot::Span;
use url::{Host, Url};

use super::InsecureHttp;
use crate::error::{CliError, Result};

/// A time that has to pass: none at all would have work done without a pause, or given up before it
/// began.
pub fn non_zero_duration(name: &str, span: &Span) -> Result<Duration> {
    let time = span.duration().unsigned_abs();
    if time.is_zero() {
        Err(CliError::Usage(format!("`{name}` is at least a second, as in `30s`")))
    } else {
        Ok(time)
    }
}

/// A number from 1 to `most`.
pub fn in_range<T: Copy + PartialOrd + From<u8> + std::fmt::Display>(
    name: &str,
    value: T,
    most: T,
) -> Result<T> {
    if value >= T::from(1) && value <= most {
        Ok(value)
    } else {
        Err(CliError::Usage(format!("`{name}` is 1 to {most}, not {value}")))
    }
}

/// Hosts as URLs have them, so that each of them can fit one; `*.` in front stands for every host
/// below.
pub fn host_patterns(patterns: Vec<String>) -> Result<Vec<String>> {
    for pattern in &patterns {
        let name = pattern.strip_prefix("*.").unwrap_or(pattern);
        let host = Host::parse(name).map(|host| host.to_string());
        if name.contains('*') || host.as_deref() != Ok(name) {
            return Err(CliError::Usage(format!(
                "`allow_hosts`: `{pattern}` fits no host; a host name in lower case without a port is needed, such as `cdn.example.com` or `*.example.com`"
            )));
        }
    }
    Ok(patterns)
}

/// The address of an origin; its path ends with a slash.
pub fn origin_url(text: &str, insecure_http: InsecureHttp) -> Result<Url> {
    let refused = |why: &str| {
        CliError::Usage(format!("the origin `{text}` is not an address to mirror from: {why}"))
    };
    let mut url = Url::parse(text).map_err(|error| refused(&error.to_string()))?;
    let http = url.scheme() == "http" && insecure_http == InsecureHttp::Allowed;
    if url.scheme() != "https" && !http {
        return Err(refused("it has to be https; --allow-http is for a local stack"));
    }
    if !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err(refused("it has to be scheme, host and path alone"));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

/// Where clients reach a mirror, without a slash at the end.
pub fn public_url(text: &str) -> Result<String> {
    let refused = |why: &str| CliError::Usage(format!("`public_url`: `{text}` {why}"));
    let url = Url::parse(text).map_err(|error| refused(&format!("is no address: {error}")))?;
    if !matches!(url.scheme(), "https" | "http") || url.host().is_none() {
        return Err(refused("is neither https nor http, as in `https://mirror.example.com`"));
    }
    let is_bare = url.username().is_empty() && url.password().is_none();
    if !is_bare || url.query().is_some() || url.fragment().is_some() {
        return Err(refused("has to be scheme, host and path alone"));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_https_unless_http_is_asked_for() {
        assert_eq!(
            origin_url("https://a.example/base", InsecureHttp::Refused).unwrap().as_str(),
            "https://a.example/base/"
        );
        assert!(origin_url("http://127.0.0.1:9000", InsecureHttp::Refused).is_err());
        assert!(origin_url("http://127.0.0.1:9000", InsecureHttp::Allowed).is_ok());
        for wrong in ["ftp://a", "https://user@a", "https://a?x", "a.example"] {
            assert!(origin_url(wrong, InsecureHttp::Allowed).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_host_pattern_that_can_fit_no_host_is_refused() {
        for good in ["cdn.example.com", "*.example.com", "10.0.0.1", "[fd00::1]", "localhost"] {
            assert!(host_patterns(vec![good.to_owned()]).is_ok(), "{good}");
        }
        for wrong in
            ["", "*", "CDN.example.com", "cdn.example.com:443", "https://a.example", "a.*.example"]
        {
            let refused = host_patterns(vec!["a.example".to_owned(), wrong.to_owned()]);
            let message = refused.unwrap_err().to_string();
            assert!(message.contains(&format!("`{wrong}`")), "{message}");
        }
    }

    #[test]
    fn a_public_url_is_where_paths_are_added_to() {
        for (text, expected) in [
            ("https://mirror.example.com", Some("https://mirror.example.com")),
            ("https://mirror.example.com/", Some("https://mirror.example.com")),
            ("http://10.0.0.1:8443/slipway/", Some("http://10.0.0.1:8443/slipway")),
            ("mirror.example.com", None),
            ("ftp://mirror.example.com", None),
            ("https://user@mirror.example.com", None),
            ("https://mirror.example.com/?a", None),
        ] {
            assert_eq!(public_url(text).ok().as_deref(), expected, "{text}");
        }
    }
}
