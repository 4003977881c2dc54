//! URLs that lead the same way from everywhere: `https`, to a host with a public DNS name.

use url::{Host, Url};

/// The longest URL, in characters.
const MAX_LENGTH: usize = 2048;

/// The URL that `text` is, without userinfo and fragment.
///
/// # Errors
/// What is asked of such a URL, of what `text` does not fulfil; `example` is one, in words that
/// follow on "https with a host, as in ".
pub(crate) fn parse(text: &str, example: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| format!("an absolute URL such as {example}"))?;
    let https = format!("https with a host, as in {example}");
    let rules = [
        // What is stored is what the URL standard makes of it, which can be longer, and has to be
        // read again.
        (
            text.len().max(url.as_str().len()) <= MAX_LENGTH,
            "at most 2048 characters, with all but ASCII percent-encoded",
        ),
        (!text.contains(char::is_whitespace), "no blanks; write them as %20"),
        (has_https_host(text), https.as_str()),
        (
            url.username().is_empty() && url.password().is_none(),
            "no user name or password; whoever is shown the URL would see them",
        ),
        (url.fragment().is_none(), "no fragment (#...); it never reaches the server"),
        (
            url.host().is_some_and(|host| is_public_name(&host)),
            "a host with a public DNS name; no IP address, `localhost`, or name of a local network",
        ),
    ];
    match rules.into_iter().find(|(holds, _)| !holds) {
        Some((_, rule)) => Err(rule.to_owned()),
        None => Ok(url),
    }
}

/// Whether `text` is an `https` URL with an authority as RFC 3986 requires. Browsers and the `url`
/// crate also accept `https:///host`.
fn has_https_host(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| !rest.starts_with(['/', '\\', '?', '#']))
}

/// Whether a host is a name that DNS can resolve everywhere. An address, or a name that means
/// something in a local network only, leads each client to another machine.
fn is_public_name(host: &Host<&str>) -> bool {
    /// Domains of RFC 6761, RFC 6762, RFC 8375 and of ICANN's resolution of 2024.
    const LOCAL: [&str; 4] = ["localhost", "local", "internal", "home.arpa"];
    let Host::Domain(name) = host else { return false };
    let name = name.trim_end_matches('.');
    let is_in = |domain: &&str| {
        name.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    name.contains('.') && !LOCAL.iter().any(is_in)
}
