//! What a mirror fetches from: its origin, and where that sends it, within rules.

use std::net::IpAddr;

use url::{Host, Url};

use crate::config::InsecureHttp;
use crate::error::{CliError, Result};

/// The rules.
#[derive(Debug, Clone)]
pub struct FetchPolicy {
    origin: Url,
    insecure_http: InsecureHttp,
    hosts: Vec<String>,
}

impl FetchPolicy {
    /// From `origin`, and from `hosts` where any are named.
    #[must_use]
    pub fn new(origin: Url, insecure_http: InsecureHttp, hosts: Vec<String>) -> Self {
        Self { origin, insecure_http, hosts }
    }

    /// Whether `url` is the origin itself: only there the token goes.
    #[must_use]
    pub fn is_origin(&self, url: &Url) -> bool {
        url.origin() == self.origin.origin()
    }

    /// A URL as it may be told: a presigned one's query is a credential.
    #[must_use]
    pub fn without_query(url: &Url) -> String {
        let mut url = url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.to_string()
    }

    /// Makes sure that `url` may be fetched.
    pub fn check(&self, url: &Url) -> Result<()> {
        let refused = |why| Err(CliError::RefusedUrl { url: Self::without_query(url), why });
        if !url.username().is_empty() || url.password().is_some() {
            return refused("it has a user name in it");
        }
        match url.scheme() {
            "https" => {}
            "http"
                if self.insecure_http == InsecureHttp::Allowed
                    && self.origin.scheme() == "http" => {}
            "http" => return Err(CliError::RedirectToHttp(Self::without_query(url))),
            _ => return refused("it is not https"),
        }
        if self.is_origin(url) {
            return Ok(());
        }
        let Some(host) = url.host() else { return refused("it has no host") };
        if self.hosts.iter().any(|pattern| fits(pattern, &host.to_string())) {
            return Ok(());
        }
        if !self.hosts.is_empty() {
            return refused("its host is not among the allowed ones (allow_hosts)");
        }
        // The origin itself being internal, as that of a local stack, makes its neighbours no
        // strangers.
        let from_inside = self.origin.host().is_some_and(|host| is_internal(&host));
        if is_internal(&host) && !from_inside {
            refused("it is an internal address; allow_hosts can allow it")
        } else {
            Ok(())
        }
    }
}

/// Addresses that only mean something on this machine or in its network: an artifact's URL must not
/// reach into it.
fn is_internal(host: &Host<&str>) -> bool {
    match host {
        // The root's dot at the end makes no other host of it.
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            !name.contains('.')
                || [".localhost", ".internal", ".local"].iter().any(|ending| name.ends_with(ending))
        }
        Host::Ipv4(address) => {
            let [first, second, ..] = address.octets();
            // RFC 6890: this network, shared address space, and what is reserved.
            let special = first == 0 || (first == 100 && second & 0xc0 == 64) || first >= 240;
            special
                || address.is_loopback()
                || address.is_private()
                || address.is_link_local()
                || address.is_multicast()
        }
        Host::Ipv6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_internal(&Host::Ipv4(mapped)),
            None => {
                IpAddr::V6(*address).is_loopback()
                    || address.is_unspecified()
                    || address.is_multicast()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
            }
        },
    }
}

/// `*.example.com` fits every host below `example.com`.
fn fits(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(ending) => {
            ending.starts_with('.') && host.len() > ending.len() && host.ends_with(ending)
        }
        None => pattern == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origin: &str, insecure_http: InsecureHttp, hosts: &[&str], url: &str) -> Result<()> {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        FetchPolicy::new(Url::parse(origin).unwrap(), insecure_http, hosts)
            .check(&Url::parse(url).unwrap())
    }

    #[test]
    fn an_internal_address_is_not_fetched_from_unless_it_is_named() {
        for url in [
            "https://127.0.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[fd00::1]/",
            "https://localhost/",
            "https://localhost./",
            "https://printer.local/",
            "https://100.64.0.1/",
            "https://0.0.0.0/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://224.0.0.1/",
            "https://[ff02::1]/",
            "https://db.internal/",
            "https://intranet/",
        ] {
            assert!(
                matches!(
                    check("https://a.example/", InsecureHttp::Refused, &[], url),
                    Err(CliError::RefusedUrl { .. })
                ),
                "{url}"
            );
        }
        assert!(
            check("https://a.example/", InsecureHttp::Refused, &["10.0.0.1"], "https://10.0.0.1/x")
                .is_ok()
        );
        assert!(
            check("https://a.example/", InsecureHttp::Refused, &[], "https://cdn.example.net/x")
                .is_ok()
        );
    }

    #[test]
    fn https_never_becomes_http() {
        for insecure_http in [InsecureHttp::Refused, InsecureHttp::Allowed] {
            assert!(matches!(
                check("https://a.example/", insecure_http, &[], "http://a.example/x"),
                Err(CliError::RedirectToHttp(_))
            ));
        }
        assert!(
            check(
                "http://127.0.0.1:9000/",
                InsecureHttp::Allowed,
                &[],
                "http://127.0.0.1:9001/bucket/key"
            )
            .is_ok()
        );
    }

    #[test]
    fn where_hosts_are_named_no_other_will_do() {
        let hosts = ["*.amazonaws.com"];
        assert!(
            check(
                "https://a.example/",
                InsecureHttp::Refused,
                &hosts,
                "https://b.s3.eu-central-1.amazonaws.com/k"
            )
            .is_ok()
        );
        for url in
            ["https://amazonaws.com/", "https://evilamazonaws.com/", "https://cdn.example.net/"]
        {
            assert!(
                check("https://a.example/", InsecureHttp::Refused, &hosts, url).is_err(),
                "{url}"
            );
        }
        assert!(
            check(
                "https://a.example/",
                InsecureHttp::Refused,
                &hosts,
                "https://user@x.amazonaws.com/"
            )
            .is_err()
        );
    }
}
