//! A forward proxy: https goes through it by CONNECT.

use std::fmt;
use std::sync::Arc;

use http::{HeaderValue, Uri};
use hyper_util::client::proxy::matcher::Matcher;
use url::Url;

use crate::error::{Error, Result};

/// A forward proxy that https requests go through (CONNECT, RFC 9110, section 9.3.6). The proxy
/// resolves the names. Its credentials show nowhere.
#[derive(Clone)]
pub struct Proxy {
    matcher: Arc<Matcher>,
    /// Scheme, host and port.
    address: String,
}

/// How the proxy is asked for one connection.
pub struct Tunneled {
    /// Where the proxy is, without credentials.
    pub proxy: Uri,
    /// Its `Proxy-Authorization`.
    pub authorization: Option<HeaderValue>,
}

impl Proxy {
    /// The proxy at `url`, such as `http://user:password@proxy.example.com:3128`, for all hosts but
    /// those of `no_proxy`: names with all names below them, addresses and networks
    /// (`10.0.0.0/8`), separated by commas; `*` is every host.
    ///
    /// # Errors
    /// [`Error::Proxy`], where `url` is not the URL of an http proxy.
    pub fn new(url: &str, no_proxy: &str) -> Result<Self> {
        // Nothing of what can't be read is told: a password may be in it.
        let unusable = |cause: &str| Error::Proxy {
            proxy: "the proxy".to_owned(),
            cause: format!("{cause}; a URL such as http://proxy.example.com:3128 is needed"),
        };
        let with_scheme =
            if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let url = Url::parse(&with_scheme).map_err(|error| unusable(&error.to_string()))?;
        if url.scheme() != "http" {
            return Err(unusable("only proxies that are reached by http are known"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(unusable("a proxy has no path"));
        }
        let matcher = Matcher::builder().https(url.as_str()).no(direct_hosts(no_proxy)).build();
        let mut shown = url;
        let stripped = shown.set_username("").and_then(|()| shown.set_password(None));
        stripped.map_err(|()| unusable("it has no host"))?;
        let address = shown.as_str().trim_end_matches('/').to_owned();
        Ok(Self { matcher: Arc::new(matcher), address })
    }

    /// How to ask for a connection to `target`; none, where it is connected to directly.
    #[must_use]
    pub(crate) fn tunnel_to(&self, target: &Uri) -> Option<Tunneled> {
        let intercepted = self.matcher.intercept(target)?;
        let authorization = intercepted.basic_auth().cloned();
        Some(Tunneled { proxy: intercepted.uri().clone(), authorization })
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.address)
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Proxy({self})")
    }
}

/// The hosts of `no_proxy` as the matcher takes them, for which `*` is no address and no part of a
/// name.
fn direct_hosts(no_proxy: &str) -> String {
    let entries = no_proxy.split(',').map(str::trim);
    let plain = entries.map(|entry| match entry {
        "*" => "0.0.0.0/0,::/0,*",
        _ => entry.strip_prefix('*').unwrap_or(entry),
    });
    plain.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_through(no_proxy: &str, target: &str) -> bool {
        let proxy = Proxy::new("http://proxy.example:3128", no_proxy).unwrap();
        proxy.tunnel_to(&target.parse().unwrap()).is_some()
    }

    #[test]
    fn no_proxy_names_hosts_domains_addresses_networks_or_everything() {
        for (no_proxy, target, proxied) in [
            ("", "https://a.example/", true),
            ("", "http://a.example/", false),
            ("a.example", "https://a.example/", false),
            ("a.example", "https://A.Example:8443/", false),
            ("a.example", "https://b.a.example/", false),
            ("a.example", "https://ba.example/", true),
            (".a.example", "https://b.a.example/", false),
            (".a.example", "https://a.example/", false),
            (" x.example , a.example", "https://a.example/", false),
            ("*.a.example", "https://b.a.example/", false),
            ("10.1.2.3", "https://10.1.2.3/", false),
            ("10.1.2.3", "https://10.1.2.4/", true),
            ("10.0.0.0/8", "https://10.1.2.3:9/", false),
            ("10.0.0.0/8", "https://11.1.2.3/", true),
            ("fd00::/8", "https://[fd00::1]/", false),
            ("*", "https://a.example/", false),
            ("*", "https://10.1.2.3/", false),
            ("x.example,*", "https://[2001:db8::1]/", false),
        ] {
            assert_eq!(goes_through(no_proxy, target), proxied, "{no_proxy:?} {target}");
        }
    }

    #[test]
    fn credentials_go_to_the_proxy_and_show_nowhere() {
        for url in ["http://me:s3cret@proxy.example:3128", "me:s3cret@proxy.example:3128/"] {
            let proxy = Proxy::new(url, "").unwrap();
            assert_eq!(proxy.to_string(), "http://proxy.example:3128");
            assert_eq!(format!("{proxy:?}"), "Proxy(http://proxy.example:3128)");
            let tunneled = proxy.tunnel_to(&"https://a.example/".parse().unwrap()).unwrap();
            assert_eq!(tunneled.proxy, "http://proxy.example:3128/");
            let authorization = tunneled.authorization.unwrap();
            assert_eq!(authorization, "Basic bWU6czNjcmV0");
            assert!(authorization.is_sensitive());
        }
        // A password with characters that a URL encodes.
        for url in ["http://me:p%40ss@proxy.example", "http://me:p@ss@proxy.example"] {
            let proxy = Proxy::new(url, "").unwrap();
            let tunneled = proxy.tunnel_to(&"https://a.example/".parse().unwrap()).unwrap();
            assert_eq!(tunneled.authorization.unwrap(), "Basic bWU6cEBzcw==", "{url}");
        }
    }

    #[test]
    fn what_is_no_http_proxy_is_refused_without_its_credentials() {
        for url in [
            "https://me:s3cret@proxy.example",
            "socks5://me:s3cret@proxy.example",
            "http://me:s3cret@proxy.example/path",
            "http://me:s3cret@:3128",
            "http://me:s3cret@proxy.example:port",
        ] {
            let refused = Proxy::new(url, "").unwrap_err().to_string();
            assert!(refused.contains("http://proxy.example.com:3128"), "{url}: {refused}");
            assert!(!refused.contains("s3cret"), "{refused}");
        }
    }
}
