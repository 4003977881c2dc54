//! Settings as those know them who can change them: what a refusal names must be found again.

use std::fmt;

/// A setting of a deployment that a refusal names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeploymentSetting {
    /// The parameter of the template.
    pub parameter: &'static str,
    /// The argument of the command `slipway-local`.
    pub argument: &'static str,
}

/// Hosts that external artifacts are fetched from.
pub const CHECKED_HOSTS: DeploymentSetting =
    DeploymentSetting { parameter: "CheckedHosts", argument: "--checked-hosts" };
/// Hosts that webhooks send to.
pub const WEBHOOK_HOSTS: DeploymentSetting =
    DeploymentSetting { parameter: "WebhookHosts", argument: "--webhook-hosts" };
/// Hosts of the own network that integrations may be with.
pub const INTERNAL_REGISTRY_HOSTS: DeploymentSetting =
    DeploymentSetting { parameter: "InternalRegistryHosts", argument: "--internal-registry-hosts" };
/// Issuers that trust rules name.
pub const TRUSTED_ISSUERS: DeploymentSetting =
    DeploymentSetting { parameter: "TrustedIssuers", argument: "--trusted-issuers" };

/// All that refusals name.
pub const NAMED_SETTINGS: [DeploymentSetting; 4] =
    [CHECKED_HOSTS, WEBHOOK_HOSTS, INTERNAL_REGISTRY_HOSTS, TRUSTED_ISSUERS];

impl fmt::Display for DeploymentSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parameter, argument } = self;
        write!(f, "parameter {parameter} of the template, `{argument}` of the local stack")
    }
}
