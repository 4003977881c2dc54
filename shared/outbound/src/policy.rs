//! What may be fetched.

use std::net::IpAddr;

use url::{Host, Url};

use crate::address::AddressKind;
use crate::error::{Error, Refusal, Result};

/// Which connections without TLS are fine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InsecureHttp {
    /// None: everything is https.
    Refused,
    /// To an http origin, and from it to http.
    Allowed,
}

/// Where internal addresses may be reached: loopback, private, link-local and the like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InternalAddresses {
    /// Nowhere, neither in a URL nor as what a name resolves to, the origin's and listed hosts'
    /// included. For URLs that somebody else may choose.
    Refused,
    /// Names may resolve to them. In a URL they are refused, unless the host is listed or the
    /// origin is internal itself. For operators who know their own network.
    BehindNames,
    /// At these hosts alone, whether the URL has an address or a name that resolves to one; nowhere
    /// else, the origin included. Patterns as in [`FetchPolicy::with_hosts`]. For URLs that somebody
    /// else may choose, where the operator has named hosts of the own network.
    AtHosts(Vec<String>),
}

/// The rules: which URLs may be fetched, and which addresses may be dialled.
#[derive(Debug, Clone)]
pub struct FetchPolicy {
    origin: Option<Url>,
    insecure_http: InsecureHttp,
    hosts: Vec<String>,
    internal: InternalAddresses,
}

impl FetchPolicy {
    /// From any public host, over https.
    #[must_use]
    pub fn public() -> Self {
        Self {
            origin: None,
            insecure_http: InsecureHttp::Refused,
            hosts: Vec::new(),
            internal: InternalAddresses::Refused,
        }
    }

    /// From `origin`, which credentials go to, and from any other public host.
    #[must_use]
    pub fn from_origin(origin: Url) -> Self {
        Self { origin: Some(origin), ..Self::public() }
    }

    /// The same, with this rule about http.
    #[must_use]
    pub fn with_insecure_http(self, insecure_http: InsecureHttp) -> Self {
        Self { insecure_http, ..self }
    }

    /// The same, but beside the origin only from `hosts`, where any are named. `*.example.com` fits
    /// every host below `example.com`.
    #[must_use]
    pub fn with_hosts(self, hosts: Vec<String>) -> Self {
        Self { hosts, ..self }
    }

    /// The same, with this rule about internal addresses.
    #[must_use]
    pub fn with_internal_addresses(self, internal: InternalAddresses) -> Self {
        Self { internal, ..self }
    }

    /// Whether `url` is of the origin, by scheme, host and port: only there a credential goes.
    #[must_use]
    pub fn is_origin(&self, url: &Url) -> bool {
        self.origin.as_ref().is_some_and(|origin| url.origin() == origin.origin())
    }

    /// A URL as it may be told: a presigned one's query is a credential.
    #[must_use]
    pub fn without_query(url: &Url) -> String {
        let mut url = url.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.to_string()
    }

    /// Makes sure that `url` may be fetched, as far as the URL itself tells.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub fn check(&self, url: &Url) -> Result<()> {
        self.judge(url).map_err(|why| Error::Refused { url: Self::without_query(url), why })
    }

    /// Whether every name may resolve to internal addresses: then nothing is lost where somebody
    /// else resolves them.
    pub(crate) fn allows_internal_addresses(&self) -> bool {
        self.internal == InternalAddresses::BehindNames
    }

    /// Whether a connection to `address` may be made, which is what `host` is or resolves to.
    #[must_use]
    pub fn allows_address(&self, host: &str, address: IpAddr) -> bool {
        !AddressKind::of(address).is_internal() || self.may_be_internal(host)
    }

    fn judge(&self, url: &Url) -> Result<(), Refusal> {
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo);
        }
        self.judge_scheme(url)?;
        let host = url.host().ok_or(Refusal::NoHost)?;
        let name = host.to_string();
        if is_internal(&host) && !self.may_be_internal(&name) {
            return Err(Refusal::InternalHost);
        }
        if self.is_origin(url) || is_listed(&self.hosts, &name) {
            return Ok(());
        }
        if !self.hosts.is_empty() {
            return Err(Refusal::HostNotAllowed);
        }
        // The origin itself being internal, as that of a local stack, makes its neighbours no
        // strangers.
        let judges_origin = self.internal == InternalAddresses::BehindNames;
        if judges_origin && is_internal(&host) && !self.origin_is_internal() {
            return Err(Refusal::InternalHost);
        }
        Ok(())
    }

    /// Whether a host that is internal by its name may be fetched from at all.
    fn may_be_internal(&self, host: &str) -> bool {
        match &self.internal {
            InternalAddresses::Refused => false,
            InternalAddresses::BehindNames => true,
            InternalAddresses::AtHosts(hosts) => is_listed(hosts, host),
        }
    }

    fn judge_scheme(&self, url: &Url) -> Result<(), Refusal> {
        let from_http = self.origin.as_ref().is_some_and(|origin| origin.scheme() == "http");
        match url.scheme() {
            "https" => Ok(()),
            "http" if self.insecure_http == InsecureHttp::Allowed && from_http => Ok(()),
            "http" => Err(Refusal::InsecureHttp),
            _ => Err(Refusal::Scheme),
        }
    }

    fn origin_is_internal(&self) -> bool {
        self.origin.as_ref().and_then(Url::host).is_some_and(|host| is_internal(&host))
    }
}

/// Hosts that only mean something on this machine or in its network.
fn is_internal(host: &Host<&str>) -> bool {
    match host {
        // The root's dot at the end makes no other host of it.
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            !name.contains('.')
                || [".localhost", ".internal", ".local"].iter().any(|ending| name.ends_with(ending))
        }
        Host::Ipv4(address) => AddressKind::of(IpAddr::V4(*address)).is_internal(),
        Host::Ipv6(address) => AddressKind::of(IpAddr::V6(*address)).is_internal(),
    }
}

/// Whether one of the patterns fits.
fn is_listed(patterns: &[String], host: &str) -> bool {
    patterns.iter().any(|pattern| fits(pattern, host))
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

    fn policy(origin: &str, insecure_http: InsecureHttp, hosts: &[&str]) -> FetchPolicy {
        FetchPolicy::from_origin(Url::parse(origin).unwrap())
            .with_insecure_http(insecure_http)
            .with_hosts(hosts.iter().map(|host| (*host).to_owned()).collect())
            .with_internal_addresses(InternalAddresses::BehindNames)
    }

    fn judged(policy: &FetchPolicy, url: &str) -> Result<(), Refusal> {
        policy.judge(&Url::parse(url).unwrap())
    }

    const INTERNAL: [&str; 17] = [
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
    ];

    #[test]
    fn an_internal_address_is_not_fetched_from_unless_it_is_named() {
        let open = policy("https://a.example/", InsecureHttp::Refused, &[]);
        for url in INTERNAL {
            assert_eq!(judged(&open, url), Err(Refusal::InternalHost), "{url}");
        }
        let named = policy("https://a.example/", InsecureHttp::Refused, &["10.0.0.1"]);
        assert_eq!(judged(&named, "https://10.0.0.1/x"), Ok(()));
        assert_eq!(judged(&open, "https://cdn.example.net/x"), Ok(()));
    }

    #[test]
    fn where_internal_addresses_are_refused_neither_origin_nor_list_allows_them() {
        let strict = policy("https://10.0.0.1/", InsecureHttp::Refused, &["127.0.0.1"])
            .with_internal_addresses(InternalAddresses::Refused);
        for url in INTERNAL {
            assert_eq!(judged(&strict, url), Err(Refusal::InternalHost), "{url}");
        }
        assert!(!strict.allows_address("a.example", "10.0.0.1".parse().unwrap()));
        assert!(strict.allows_address("a.example", "8.8.8.8".parse().unwrap()));
    }

    #[test]
    fn where_hosts_may_be_internal_no_other_is() {
        let own = ["registry.corp.internal", "127.0.0.1", "*.lan.example"];
        let own = InternalAddresses::AtHosts(own.map(str::to_owned).to_vec());
        let policy =
            policy("https://10.0.0.1/", InsecureHttp::Refused, &[]).with_internal_addresses(own);
        for url in INTERNAL.iter().filter(|url| ![INTERNAL[0]].contains(url)) {
            let same_address = Url::parse(url).unwrap().host_str() == Some("127.0.0.1");
            let expected = if same_address { Ok(()) } else { Err(Refusal::InternalHost) };
            assert_eq!(judged(&policy, url), expected, "{url}");
        }
        assert_eq!(judged(&policy, "https://registry.corp.internal/v2/"), Ok(()));
        let internal = "10.1.2.3".parse().unwrap();
        assert!(policy.allows_address("harbor.lan.example", internal));
        assert!(!policy.allows_address("evil.example", internal));
        assert!(!policy.allows_address("lan.example", internal));
    }

    #[test]
    fn https_never_becomes_http() {
        for insecure_http in [InsecureHttp::Refused, InsecureHttp::Allowed] {
            let policy = policy("https://a.example/", insecure_http, &[]);
            assert_eq!(judged(&policy, "http://a.example/x"), Err(Refusal::InsecureHttp));
        }
        let local = policy("http://127.0.0.1:9000/", InsecureHttp::Allowed, &[]);
        assert_eq!(judged(&local, "http://127.0.0.1:9001/bucket/key"), Ok(()));
        assert_eq!(judged(&local, "ftp://127.0.0.1/x"), Err(Refusal::Scheme));
    }

    #[test]
    fn where_hosts_are_named_no_other_will_do() {
        let policy = policy("https://a.example/", InsecureHttp::Refused, &["*.amazonaws.com"]);
        assert_eq!(judged(&policy, "https://b.s3.eu-central-1.amazonaws.com/k"), Ok(()));
        for url in
            ["https://amazonaws.com/", "https://evilamazonaws.com/", "https://cdn.example.net/"]
        {
            assert_eq!(judged(&policy, url), Err(Refusal::HostNotAllowed), "{url}");
        }
        assert_eq!(judged(&policy, "https://user@x.amazonaws.com/"), Err(Refusal::UserInfo));
    }
}
