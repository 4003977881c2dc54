//! URLs that lead the same way from everywhere: `https`, to a host with a public DNS name.

use url::{Host, Url};

use crate::url_form::{self, WebScheme};

/// Domains that the public DNS has no hosts in, by the standard that keeps them out of it. What is
/// below them is another machine for each client, or none.
const RESERVED_DOMAINS: [&str; 17] = [
    // RFC 6761 (special-use domain names) and RFC 2606.
    "localhost",
    "test",
    "example",
    "invalid",
    // RFC 6762 (multicast DNS), and the names of private networks in its appendix G.
    "local",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    // RFC 7686 (Tor), RFC 9476 (other name systems).
    "onion",
    "alt",
    // RFC 3172 (infrastructure of the Internet), with `home.arpa` of RFC 8375.
    "arpa",
    // Kept for private use by ICANN's resolution 2024.07.29.06.
    "internal",
    // ICANN's resolution 2018.02.04.12, with `corp` and `home`.
    "mail",
    // No standard's, and no top-level domains: what resolvers and Kubernetes search in.
    "localdomain",
    "svc",
];

/// The URL that `text` is, without userinfo and fragment. Scheme and host are in lower case.
///
/// # Errors
/// What is asked of such a URL, of what `text` does not fulfil; `example` is one, in words that
/// follow on "https with a host, as in ".
pub(crate) fn parse(text: &str, example: &str) -> Result<Url, String> {
    let url = url_form::parse(text, WebScheme::Https, example)?;
    match url.host() {
        Some(Host::Domain(name)) => require_public_name(name)?,
        _ => return Err("a host with a public DNS name, not an IP address".to_owned()),
    }
    Ok(url)
}

/// Makes sure that a host is a name that DNS can resolve everywhere. A name that means something in
/// a local network only leads each client to another machine.
///
/// # Errors
/// What is asked of such a name, of what `name` does not fulfil.
pub fn require_public_name(name: &str) -> Result<(), String> {
    // One dot at the end is the root's.
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_in = |domain: &&&str| {
        name.strip_suffix(**domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    if let Some(domain) = RESERVED_DOMAINS.iter().find(is_in) {
        return Err(format!(
            "a host with a public DNS name; names that are or end in `{domain}` are none"
        ));
    }
    if !name.contains('.') {
        return Err(
            "a host with a public DNS name, which has a dot in it; other names are of a local network".to_owned(),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<Url, String> {
        parse(text, "https://a.example.com/b")
    }

    #[test]
    fn no_host_of_a_reserved_domain_is_taken_however_it_is_written() {
        for domain in RESERVED_DOMAINS {
            for host in [
                domain.to_owned(),
                format!("{domain}."),
                format!("a.{domain}"),
                format!("a.b.{}.", domain.to_uppercase()),
            ] {
                let refused = judged(&format!("https://{host}/a")).unwrap_err();
                assert!(refused.contains(&format!("`{domain}`")), "{host}: {refused}");
            }
            let other = format!("https://{domain}.example.com/a");
            assert!(judged(&other).is_ok() && judged(&format!("https://a{domain}.com")).is_ok());
        }
        for host in ["slipway.default.svc.cluster.local", "nas.home.arpa", "api.default.svc"] {
            assert!(judged(&format!("https://{host}/")).is_err(), "{host}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (url, why) in [
            ("https://hooks/a", "a dot in it"),
            ("https://hooks./a", "a dot in it"),
            ("https://a..example.com/", "two dots"),
            ("https://.example.com/", "two dots"),
            ("https://example.com../", "two dots"),
            ("https://example.com:0/", "port"),
            ("https://example.com\\@a.example.org/", "backslash"),
            ("https:\\\\example.com/", "backslash"),
            ("https://example.com/a\\b", "backslash"),
            ("https://@example.com/", "user name"),
            ("https://:@example.com/", "user name"),
            ("https://10.0.0.1/", "not an IP address"),
            ("https://[::ffff:10.0.0.1]/", "not an IP address"),
            ("https:example.com", "https with a host"),
            ("https:/example.com", "https with a host"),
        ] {
            let refused = judged(url).unwrap_err();
            assert!(refused.contains(why), "{url}: {refused}");
        }
    }

    #[test]
    fn a_scheme_and_a_host_have_no_case() {
        for text in
            ["HTTPS://Example.COM/Path", "https://example.com/Path", "hTTps://EXAMPLE.com/Path"]
        {
            assert_eq!(judged(text).unwrap().as_str(), "https://example.com/Path");
        }
        for other in ["https://example.com:443/@x", "https://example.com?a@b"] {
            assert!(judged(other).is_ok(), "{other}");
        }
    }
}
