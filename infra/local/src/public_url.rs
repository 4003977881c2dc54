//! Where clients reach something of the stack.

use std::fmt;
use std::str::FromStr;

use slipway_domain::url_form;

/// The base URL of a server: scheme, host and, where it is not the usual one, port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    text: String,
    host: String,
}

impl PublicUrl {
    /// The same host by HTTP on another port.
    #[must_use]
    pub fn http_on_port(&self, port: u16) -> String {
        format!("http://{}:{port}", self.host)
    }
}

impl FromStr for PublicUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |why: &str| {
            format!(
                "{why}; it is http:// or https://, a host and maybe a port, such as https://releases.example.com"
            )
        };
        let url = url_form::parse_origin(text, "https://releases.example.com");
        let url = url.map_err(|rule| wrong(&format!("a public URL has {rule}")))?;
        let host = url.host_str().unwrap_or_default();
        Ok(Self { text: text.to_owned(), host: host.to_owned() })
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_scheme_a_host_and_maybe_a_port() {
        for right in ["https://a.example", "http://192.0.2.1:9000", "http://[2001:db8::1]:9000"] {
            assert_eq!(right.parse::<PublicUrl>().map(|url| url.to_string()), Ok(right.to_owned()));
        }
        for wrong in [
            "",
            "a.example",
            "a.example:9000",
            "ftp://a.example",
            "https://a.example/",
            "https://a.example/slipway",
            "https://a.example?a",
            "https://a.example#a",
            "https://user@a.example",
            "HTTPS://a.example",
            "https://a.example:443",
            "https://",
            "https://a..example",
            "https://a.example:0",
        ] {
            assert!(wrong.parse::<PublicUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn another_port_of_the_same_host_is_reached_by_http() {
        let url: PublicUrl = "https://[2001:db8::1]:9443".parse().unwrap();
        assert_eq!(url.http_on_port(9001), "http://[2001:db8::1]:9001");
    }
}
