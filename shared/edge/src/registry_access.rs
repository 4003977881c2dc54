//! How a deployment reaches the systems that integrations name.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use slipway_composition::Endpoint;
use slipway_domain::public_url::require_public_name;
use slipway_domain::{Error, Result, url_form};
use slipway_outbound::{Client, FetchPolicy, InsecureHttp, InternalAddresses, Limits, Resolve};
use url::Url;

use crate::deployment_setting::INTERNAL_REGISTRY_HOSTS;
use crate::external::SharedResolver;

/// Which systems integrations may be with: every public host over https, and of the own network the
/// hosts that the deployment names.
#[derive(Clone, Default)]
pub struct RegistryAccess {
    internal_hosts: Vec<String>,
    resolver: Option<Arc<dyn Resolve>>,
    ca_file: Option<PathBuf>,
}

impl RegistryAccess {
    /// To public hosts, and to `internal_hosts`, each as [`internal_host`] gives it, also where
    /// they have internal addresses, and there over http too. It is what the setting
    /// [`INTERNAL_REGISTRY_HOSTS`] says.
    #[must_use]
    pub fn with_internal_hosts(internal_hosts: Vec<String>) -> Self {
        let internal_hosts = internal_hosts.into_iter().filter(|host| !host.is_empty()).collect();
        Self { internal_hosts, ..Self::default() }
    }

    /// The same with names that `resolver` resolves, and certificates of `ca_file` that are
    /// trusted.
    #[must_use]
    pub fn in_network(self, resolver: Arc<dyn Resolve>, ca_file: Option<PathBuf>) -> Self {
        Self { resolver: Some(resolver), ca_file, ..self }
    }

    /// Makes sure that the deployment reaches `endpoint`, as far as its text tells. What its name
    /// resolves to is judged at each connection.
    ///
    /// # Errors
    /// `invalid_field` at `endpoint`.
    pub fn require_allowed(&self, endpoint: &Endpoint) -> Result<()> {
        let url = endpoint.to_url()?;
        let refused = |why: &str| {
            let message = format!(
                "{why}; only hosts that the deployment names may be of its own network: {INTERNAL_REGISTRY_HOSTS}"
            );
            Err(Error::invalid("endpoint", message))
        };
        if !self.names(&url) {
            if url.scheme() == "http" {
                return refused("https is needed");
            }
            if let Some(Err(rule)) = url.domain().map(require_public_name) {
                return refused(&rule);
            }
        }
        match self.policy(&url).check(&url) {
            Ok(()) => Ok(()),
            Err(slipway_outbound::Error::Refused { why, .. }) => refused(&why.to_string()),
            Err(error) => refused(&error.to_string()),
        }
    }

    /// A client within `limits` for the system at `endpoint`.
    ///
    /// # Errors
    /// `invalid_field` where the deployment does not reach it, `internal` where the system has no
    /// certificates that it trusts.
    pub fn client(&self, endpoint: &Endpoint, limits: Limits) -> Result<Client> {
        self.require_allowed(endpoint)?;
        let policy = self.policy(&endpoint.to_url()?);
        let client = Client::builder(policy, limits).ca_file(self.ca_file.as_deref());
        let client = match &self.resolver {
            Some(resolver) => client.resolver(SharedResolver(Arc::clone(resolver))),
            None => client,
        };
        client.build().map_err(Error::internal)
    }

    /// Redirects from https never lead to http, as the origin's scheme is https then.
    fn policy(&self, url: &Url) -> FetchPolicy {
        FetchPolicy::from_origin(url.clone())
            .with_insecure_http(InsecureHttp::Allowed)
            .with_internal_addresses(InternalAddresses::AtHosts(self.internal_hosts.clone()))
    }

    /// Whether the deployment names the host of `url`, alone or as one below a domain.
    fn names(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        self.internal_hosts.iter().any(|named| match named.strip_prefix("*.") {
            Some(domain) => {
                host.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
            }
            None => named == host,
        })
    }
}

/// A host as a deployment names those of its own network: a name or an address as URLs write it,
/// `*.` and a name for all below it, or nothing. Blanks around it and case mean nothing.
///
/// # Errors
/// What is asked of one. A port is refused: whoever is reached at a host is reached at each of its
/// ports, by what an endpoint says.
pub fn internal_host(text: &str) -> Result<String, String> {
    let host = text.trim().to_ascii_lowercase();
    let (name, is_pattern) = match host.strip_prefix("*.") {
        Some(domain) => (domain, true),
        None => (host.as_str(), false),
    };
    let parsed = url_form::parse_origin(&format!("https://{name}"), "").ok();
    let is_host = parsed.is_some_and(|url| {
        url.host_str() == Some(name)
            && !name.contains('*')
            && !(is_pattern && url.domain().is_none())
    });
    if is_host || host.is_empty() {
        return Ok(host);
    }
    Err(format!(
        "`{}` is no host: a name or an address, as in registry.corp.example, *.corp.example or [::1], without scheme, port and path; all ports of a host are meant",
        text.trim()
    ))
}

impl fmt::Debug for RegistryAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut told = formatter.debug_struct("RegistryAccess");
        told.field("internal_hosts", &self.internal_hosts).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(access: &RegistryAccess, endpoint: &str) -> bool {
        access.require_allowed(&endpoint.parse().unwrap()).is_ok()
    }

    #[test]
    fn without_a_setting_every_public_host_is_reached_over_https_and_no_other() {
        let access = RegistryAccess::default();
        assert!(allows(&access, "https://registry-1.docker.io"));
        assert!(allows(&access, "https://registry.example.com:5000"));
        for endpoint in [
            "http://registry.example.com",
            "https://127.0.0.1",
            "http://127.0.0.1:5000",
            "https://169.254.169.254",
            "https://10.0.0.1",
            "https://192.168.1.1",
            "https://172.16.0.1",
            "https://100.64.0.1",
            "https://0.0.0.0",
            "https://[::1]",
            "https://[::ffff:7f00:1]",
            "https://[64:ff9b::a9fe:a9fe]",
            "https://[fd00::1]",
            "https://[fe80::1]",
            "https://localhost",
            "https://metadata.google.internal",
            "https://registry",
            "https://registry.corp",
            "https://registry.lan",
            "https://registry.default.svc",
        ] {
            let refused = access.require_allowed(&endpoint.parse().unwrap()).unwrap_err();
            assert_eq!(refused.field(), Some("endpoint"));
            let named = ["parameter InternalRegistryHosts", "`--internal-registry-hosts`"];
            assert!(named.iter().all(|name| refused.message().contains(name)), "{refused}");
        }
    }

    #[test]
    fn hosts_of_the_own_network_are_reached_by_the_name_that_is_given_alone() {
        let hosts = [" 127.0.0.1 ", "Registry.corp.example", "*.lab.example", "", "nas.lan"];
        let hosts = hosts.map(|host| internal_host(host).unwrap()).to_vec();
        let access = RegistryAccess::with_internal_hosts(hosts);
        for endpoint in [
            "http://127.0.0.1:5000",
            "https://registry.corp.example",
            "http://registry.corp.example",
            "http://a.lab.example",
            "http://nas.lan:5000",
            "https://registry-1.docker.io",
        ] {
            assert!(allows(&access, endpoint), "{endpoint}");
        }
        for endpoint in [
            "http://127.0.0.2:5000",
            "https://127.0.0.2",
            "http://corp.example",
            "http://lab.example",
            "http://alab.example",
            "https://localhost",
            "http://registry-1.docker.io",
        ] {
            assert!(!allows(&access, endpoint), "{endpoint}");
        }
    }
    #[test]
    fn what_is_no_host_of_a_network_is_refused_and_what_is_right_is_told() {
        for right in ["registry", "registry.corp.example", "*.corp.example", "10.0.0.1", "[::1]"] {
            assert_eq!(internal_host(right), Ok(right.to_owned()));
        }
        for wrong in [
            "registry.corp.example:5000",
            "[::1]:5000",
            "*.corp.example:5000",
            "::1",
            "https://registry.corp.example",
            "registry.corp.example/v2",
            "user@registry.corp.example",
            "*",
            "*.",
            "*.10.0.0.1",
            "a.*.example",
            "127.1",
            "a..b",
            "registry.corp.example.",
            "registry corp",
        ] {
            let refused = internal_host(wrong).unwrap_err();
            assert!(
                refused.contains(wrong) && refused.contains("without scheme, port"),
                "{refused}"
            );
        }
    }
}
