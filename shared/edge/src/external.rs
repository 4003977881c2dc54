//! Who is asked and told elsewhere, where a deployment allows it: the hosts of external artifacts,
//! and the receivers of webhooks.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use slipway_domain::{Code, Error, Result};
use slipway_outbound::{
    Client, Error as FetchError, FetchPolicy, InternalAddresses, Limits, Resolve, Resolving,
};
use url::Url;

use crate::deployment_setting::{CHECKED_HOSTS, DeploymentSetting};

/// The name that stands for every public host.
const EVERY_HOST: &str = "*";

/// Which hosts a deployment asks or tells, and how it reaches them.
#[derive(Clone)]
pub struct ExternalAccess {
    hosts: Vec<String>,
    internal: InternalAddresses,
    resolver: Option<Arc<dyn Resolve>>,
    ca_file: Option<PathBuf>,
    setting: DeploymentSetting,
}

impl ExternalAccess {
    /// To `hosts`, without the blanks around them, alone; over https, and to none without any.
    /// `*.example.com` stands for every host below `example.com`, `*` for every host. No name may
    /// resolve to an internal address. It is what the setting [`CHECKED_HOSTS`] says, unless
    /// [`named`](Self::named) says otherwise.
    #[must_use]
    pub fn to_hosts(hosts: Vec<String>) -> Self {
        let hosts = hosts.into_iter().map(|host| host.trim().to_owned());
        let hosts = hosts.filter(|host| !host.is_empty()).collect();
        Self {
            hosts,
            internal: InternalAddresses::Refused,
            resolver: None,
            ca_file: None,
            setting: CHECKED_HOSTS,
        }
    }

    /// The same, as `setting` of the deployment says it.
    #[must_use]
    pub fn named(self, setting: DeploymentSetting) -> Self {
        Self { setting, ..self }
    }

    /// The same with names that `resolver` resolves, and certificates of `ca_file` that are
    /// trusted.
    #[must_use]
    pub fn in_network(self, resolver: Arc<dyn Resolve>, ca_file: PathBuf) -> Self {
        Self { resolver: Some(resolver), ca_file: Some(ca_file), ..self }
    }

    /// The same, where names may resolve to internal addresses: for a network of one's own.
    #[must_use]
    pub fn with_internal_addresses(self) -> Self {
        Self { internal: InternalAddresses::BehindNames, ..self }
    }

    /// Makes sure that the deployment reaches the host of `url`. The URL itself, which may be a
    /// credential, is not told.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require_allowed(&self, url: &Url) -> Result<()> {
        let refusal = if self.hosts.is_empty() {
            "this deployment reaches no other hosts".to_owned()
        } else {
            match self.policy().check(url) {
                Ok(()) => return Ok(()),
                Err(FetchError::Refused { why, .. }) => {
                    format!("{} is not reached: {why}", url.origin().ascii_serialization())
                }
                Err(error) => error.to_string(),
            }
        };
        let message =
            format!("{refusal}; a setting of the deployment names the hosts: {}", self.setting);
        Err(Error::new(Code::Forbidden, message))
    }

    /// A client within `limits`.
    ///
    /// # Errors
    /// `internal` where the system has no certificates that it trusts.
    pub fn client(&self, limits: Limits) -> Result<Client> {
        let client = Client::builder(self.policy(), limits).ca_file(self.ca_file.as_deref());
        let client = match &self.resolver {
            Some(resolver) => client.resolver(SharedResolver(Arc::clone(resolver))),
            None => client,
        };
        client.build().map_err(Error::internal)
    }

    fn policy(&self) -> FetchPolicy {
        let policy = FetchPolicy::public().with_internal_addresses(self.internal.clone());
        if self.hosts.iter().any(|host| host == EVERY_HOST) {
            return policy;
        }
        policy.with_hosts(self.hosts.clone())
    }
}

impl fmt::Debug for ExternalAccess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ExternalAccess").field("hosts", &self.hosts).finish_non_exhaustive()
    }
}

/// A resolver that several clients have.
pub(crate) struct SharedResolver(pub(crate) Arc<dyn Resolve>);

impl Resolve for SharedResolver {
    fn resolve(&self, name: &str) -> Resolving {
        self.0.resolve(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_hosts_do_not_matter_and_no_host_is_none() {
        let url: Url = "https://downloads.example.com/app.msi".parse().unwrap();
        let allows = |hosts: &[&str]| {
            let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
            ExternalAccess::to_hosts(hosts).require_allowed(&url).is_ok()
        };
        assert!(allows(&["example.org", " *.example.com "]) && allows(&[" * "]));
        assert!(!allows(&[]) && !allows(&["", " "]) && !allows(&["example.org"]));
    }
}
