//! Integrations: other systems that Slipway asks, and what it authenticates with there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use slipway_domain::text::string_newtype;
use slipway_domain::{Error, Result, Timestamp, url_form};
use url::Url;

use crate::id::IntegrationId;
use crate::name::ShortName;
use crate::secret_reference::SecretReference;

/// How many integrations there may be.
pub const MAX_INTEGRATIONS: usize = 100;

/// Registries whose token server is on another host, which credentials for the registry go to.
const TOKEN_SERVERS: [(&str, &str); 2] = [
    ("https://registry-1.docker.io", "https://auth.docker.io"),
    ("https://registry.gitlab.com", "https://gitlab.com"),
];

string_newtype! {
    /// Where another system is: `https://` and a host, with its port if that is not 443, as in
    /// `https://registry-1.docker.io`. `http://` where the deployment names the host as one of its
    /// own network.
    Endpoint, what = "an endpoint",
    rule = "https:// and a host in lower case, with its port where that is not the usual one, and nothing after it, as in `https://registry-1.docker.io`",
    pattern = r"^https?://[^/\\?#@\s]{1,261}$",
    check = |text| text.len() <= 269 && url_form::parse_origin(text, "").is_ok()
}

/// What kind of system an integration is with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum IntegrationType {
    /// A container registry with the OCI distribution API.
    #[serde(rename = "registry.oci")]
    OciRegistry,
    /// GitHub's API.
    #[serde(rename = "scm.github")]
    GitHub,
}

/// How one authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// Not at all.
    None,
    /// By name and password (RFC 7617). The secret is `name:password`, or JSON with `username` and
    /// `password`.
    Basic,
    /// By a token (RFC 6750). The secret is the token.
    Bearer,
}

/// How an integration authenticates, and with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct IntegrationAuth {
    /// How one authenticates.
    pub mode: AuthMode,
    /// Where the secret is kept; null with the mode `none`, and needed with the others.
    pub secret_ref: Option<SecretReference>,
}

/// What an integration is set to: the request body of integration-create and integration-update.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct IntegrationSettings {
    /// Short name, unique among integrations.
    pub name: ShortName,
    /// What kind of system it is with.
    pub r#type: IntegrationType,
    /// Where that is.
    pub endpoint: Endpoint,
    /// How it authenticates there.
    pub auth: IntegrationAuth,
    /// Where the secret is kept that the registry's webhook brings; of type `registry.oci` only.
    /// Default: null, with which its events are refused.
    pub webhook_secret_ref: Option<SecretReference>,
}

/// An integration with another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// Id of the integration.
    pub id: IntegrationId,
    /// Short name, unique among integrations.
    pub name: ShortName,
    /// What kind of system it is with.
    pub r#type: IntegrationType,
    /// Where that is.
    pub endpoint: Endpoint,
    /// How it authenticates there. The secret itself is never told.
    pub auth: IntegrationAuth,
    /// Where the secret is kept that the registry's webhook brings; null where its events are
    /// refused. The secret itself is never told.
    pub webhook_secret_ref: Option<SecretReference>,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Time of the last change, RFC 3339, UTC.
    #[schemars(with = "slipway_domain::page::Rfc3339")]
    pub updated_at: Timestamp,
    /// Actor that created it, as the audit log names it.
    pub created_by: String,
}

impl Endpoint {
    /// The endpoint as a URL, whose path is `/`.
    ///
    /// # Errors
    /// `internal` for one that was stored by rules that are no more.
    pub fn to_url(&self) -> Result<Url> {
        Url::parse(self.as_str()).map_err(Error::internal)
    }

    /// The origin of the token server that has the credentials for the registry here, where that is
    /// on another host than the registry and known to be its.
    ///
    /// # Errors
    /// None: what is known is a URL.
    pub fn token_server(&self) -> Result<Option<Url>> {
        let known = TOKEN_SERVERS.into_iter().find(|(registry, _)| *registry == self.as_str());
        known.map(|(_, server)| Url::parse(server).map_err(Error::internal)).transpose()
    }
}

impl IntegrationSettings {
    /// The integration as of `now`.
    ///
    /// # Errors
    /// `invalid_field` for a mode without a secret that it needs, or with one that it does not, and
    /// for a webhook's secret of what is no registry.
    pub fn create(self, now: Timestamp, id: IntegrationId, actor: &str) -> Result<Integration> {
        self.check()?;
        let Self { name, r#type, endpoint, auth, webhook_secret_ref } = self;
        let created_by = actor.to_owned();
        Ok(Integration {
            id,
            name,
            r#type,
            endpoint,
            auth,
            webhook_secret_ref,
            created_at: now,
            updated_at: now,
            created_by,
        })
    }

    fn check(&self) -> Result<()> {
        self.auth.check()?;
        if self.webhook_secret_ref.is_some() && self.r#type != IntegrationType::OciRegistry {
            let rule = "only integrations of type `registry.oci` take events; leave it out";
            return Err(Error::invalid("webhookSecretRef", rule));
        }
        Ok(())
    }
}

impl Integration {
    /// The integration set to `settings` at `now`; None if it is so already.
    ///
    /// # Errors
    /// As [`IntegrationSettings::create`].
    pub fn updated(&self, now: Timestamp, settings: IntegrationSettings) -> Result<Option<Self>> {
        settings.check()?;
        let IntegrationSettings { name, r#type, endpoint, auth, webhook_secret_ref } = settings;
        let new = Self { name, r#type, endpoint, auth, webhook_secret_ref, ..self.clone() };
        Ok((new != *self).then_some(Self { updated_at: now, ..new }))
    }
}

impl IntegrationAuth {
    fn check(&self) -> Result<()> {
        let rule = match (self.mode, &self.secret_ref) {
            (AuthMode::None, Some(_)) => "the mode `none` has no secret; leave `secretRef` out",
            (AuthMode::Basic | AuthMode::Bearer, None) => {
                "the modes `basic` and `bearer` need a reference to a secret"
            }
            _ => return Ok(()),
        };
        Err(Error::invalid("auth.secretRef", rule))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_origin_as_urls_write_it() {
        for text in [
            "https://registry-1.docker.io",
            "https://registry.example.com:5000",
            "http://127.0.0.1:5000",
            "https://[2001:db8::1]",
            "https://xn--bcher-kva.example",
        ] {
            assert!(text.parse::<Endpoint>().is_ok(), "{text}");
        }
        for text in [
            "",
            "registry-1.docker.io",
            "ftp://registry.example.com",
            "https://",
            "https:///registry.example.com",
            "https://registry.example.com/",
            "https://registry.example.com/v2",
            "https://registry.example.com?a",
            "https://registry.example.com#a",
            "https://user@registry.example.com",
            "https://user:password@registry.example.com",
            "https://Registry.example.com",
            "https://registry.example.com:443",
            "https://2130706433",
            "https://0177.0.0.1",
            "https://0x7f.1",
            "https://127.1",
            "https://[::ffff:127.0.0.1]",
            " https://registry.example.com",
            "https://registry.example.com:0",
            "https://a..b",
            "https://.registry.example.com",
            "https://registry.example.com.",
            "https://registry.example.com\\",
            "HTTPS://registry.example.com",
            "https://bücher.example",
        ] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
    }

    #[test]
    fn credentials_of_docker_hub_go_to_its_token_server_too() {
        let server = |text: &str| {
            let server = text.parse::<Endpoint>().unwrap().token_server().unwrap();
            server.map(|server| server.origin().ascii_serialization())
        };
        let hub = server("https://registry-1.docker.io");
        assert_eq!(hub.as_deref(), Some("https://auth.docker.io"));
        for other in [
            "https://ghcr.io",
            "http://registry-1.docker.io",
            "https://registry-1.docker.io:8443",
            "https://registry-1.docker.io.example.com",
        ] {
            assert_eq!(server(other), None, "{other}");
        }
    }
}
