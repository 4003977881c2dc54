//! The secrets that integrations refer to: read when they are needed, and kept nowhere.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use slipway_aws::{ParameterError, read_parameter};
use slipway_composition::{AuthMode, AwsPlace, IntegrationAuth, SecretLocation, SecretReference};
use slipway_domain::{Code, Error, Result};
use slipway_oci::{Credentials, Password};

use crate::services::Services;

/// The largest secret that is read from a file; SSM's own limit is 8 KiB.
const MAX_BYTES: u64 = 8 << 10;

/// How long the secret of a webhook is, in bytes: whoever has a URL may guess at it.
const SHORTEST_WEBHOOK_SECRET: usize = 16;
/// At the most: registries send it with each event.
const LONGEST_WEBHOOK_SECRET: usize = 512;

/// What a reference of a deployment has to name.
#[derive(Debug, Clone)]
pub(crate) enum SecretStore {
    /// Files of a directory.
    Directory(PathBuf),
    /// Parameters and secrets of a stack.
    Stack {
        /// Its name; blank where the deployment does not know it.
        name: String,
        /// Its ARN, which says where in AWS it is.
        id: Option<String>,
    },
}

/// Name and password as they are kept in JSON.
#[derive(Deserialize)]
struct NameAndPassword {
    username: String,
    password: String,
}

impl SecretStore {
    /// Files of `directory`, or what belongs to the stack of this name and ARN. Without a directory
    /// and a name no reference is allowed, and without an ARN none that is one.
    pub(crate) fn of(directory: Option<PathBuf>, stack: Option<&str>, id: Option<&str>) -> Self {
        match directory {
            Some(directory) => Self::Directory(directory),
            None => Self::Stack {
                name: stack.unwrap_or_default().to_owned(),
                id: id.map(str::to_owned),
            },
        }
    }

    /// Makes sure that `reference` names what secrets of integrations may be, and nothing else of
    /// the account or of another one.
    ///
    /// # Errors
    /// `invalid_field` at `field`.
    pub(crate) fn require_allowed(&self, field: &str, reference: &SecretReference) -> Result<()> {
        let judged = match (self, reference.location()) {
            (Self::Directory(_), Some(SecretLocation::File { .. })) => Ok(()),
            (Self::Directory(_), _) => Err(
                "this deployment reads secrets from files: `file:` and the name of a file in the directory `secrets` of its data".to_owned()
            ),
            (Self::Stack { name: stack, id }, location) => {
                let (name, place) = match location {
                    Some(SecretLocation::Parameter { name, place, .. }) => (name.to_owned(), place),
                    Some(SecretLocation::Secret { name, place }) => (format!("/{name}"), Some(place)),
                    _ => (String::new(), None),
                };
                require_below(stack, &name).and_then(|()| match place {
                    Some(place) => require_own(place, id.as_deref()),
                    None => Ok(()),
                })
            }
        };
        judged.map_err(|rule| Error::invalid(field, rule))
    }
}

/// Makes sure that a parameter or secret, whose name begins with a slash here, is of the
/// integrations of `stack`.
fn require_below(stack: &str, name: &str) -> Result<(), String> {
    let prefix = format!("/slipway/{stack}/integrations/");
    let is_below = name.strip_prefix(&prefix).is_some_and(|rest| !rest.is_empty());
    if is_below && !stack.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the name of an SSM parameter has to begin with `{prefix}`, that of a secret in Secrets Manager with the same without its first slash"
    ))
}

/// Makes sure that what an ARN names is where the stack with the ARN `id` is. Elsewhere the
/// function has no rights, and SSM would be asked here for what is there.
fn require_own(place: AwsPlace<'_>, id: Option<&str>) -> Result<(), String> {
    let Some(own) = id.and_then(AwsPlace::of_arn) else {
        return Err(
            "this deployment does not know its account; say the name of a parameter, not an ARN"
                .to_owned(),
        );
    };
    let parts = [
        ("partition", place.partition, own.partition),
        ("region", place.region, own.region),
        ("account", place.account, own.account),
    ];
    match parts.into_iter().find(|(_, named, own)| named != own) {
        None => Ok(()),
        Some((part, named, own)) => Err(format!(
            "the ARN is of the {part} `{named}`; secrets are read in the deployment's own, `{own}`"
        )),
    }
}

impl Services {
    /// What `auth` authenticates with, as its secret says now.
    ///
    /// # Errors
    /// `secret_unavailable` where the secret can't be read, or is not what the mode needs;
    /// `unavailable` where AWS does not answer. None has a part of the secret in it.
    pub(crate) async fn credentials(&self, auth: &IntegrationAuth) -> Result<Credentials> {
        let Some(reference) = auth.secret_ref.as_ref().filter(|_| auth.mode != AuthMode::None)
        else {
            return Ok(Credentials::Anonymous);
        };
        self.secret_store.require_allowed("auth.secretRef", reference)?;
        let text = self.read_secret(reference).await?;
        let text = text.trim_end_matches(['\r', '\n']);
        let credentials = match auth.mode {
            AuthMode::Basic => basic(text),
            _ => bearer(text),
        };
        credentials.map_err(|rule| unavailable(reference, rule))
    }

    /// What the webhook of a registry has to bring, as its secret says now.
    ///
    /// # Errors
    /// As for [`Services::credentials`].
    pub(crate) async fn webhook_secret(&self, reference: &SecretReference) -> Result<String> {
        self.secret_store.require_allowed("webhookSecretRef", reference)?;
        let text = self.read_secret(reference).await?;
        let secret = text.trim_end_matches(['\r', '\n']);
        let is_long = (SHORTEST_WEBHOOK_SECRET..=LONGEST_WEBHOOK_SECRET).contains(&secret.len());
        if is_long && secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(secret.to_owned());
        }
        let rule = "a webhook's secret has 16 to 512 characters of printable ASCII without blanks";
        Err(unavailable(reference, rule))
    }

    async fn read_secret(&self, reference: &SecretReference) -> Result<String> {
        let unusable = || unavailable(reference, "it is of no known kind");
        let name = match (&self.secret_store, reference.location().ok_or_else(unusable)?) {
            (SecretStore::Directory(directory), SecretLocation::File { name }) => {
                return read_file(&directory.join(name)).map_err(|why| unavailable(reference, why));
            }
            (SecretStore::Stack { .. }, SecretLocation::Parameter { id, .. }) => id.to_owned(),
            (SecretStore::Stack { .. }, SecretLocation::Secret { name, .. }) => {
                format!("/aws/reference/secretsmanager/{name}")
            }
            _ => return Err(unusable()),
        };
        read_parameter(&self.parameters, &name).await.map_err(|error| match error {
            ParameterError::Unavailable(cause) => {
                let message = "AWS does not answer about the integration's secret; try again";
                Error::new(Code::Unavailable, message).because(cause)
            }
            ParameterError::Refused(cause) => {
                unavailable(reference, "it does not exist, or this function may not read it")
                    .because(cause)
            }
        })
    }
}

/// The text of a file. A link is not followed, wherever it leads.
fn read_file(path: &Path) -> Result<String, &'static str> {
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    if !is_file {
        return Err("there is no such file; a link is none");
    }
    let mut text = String::new();
    let file = File::open(path).map_err(|_| "the file can't be read")?;
    let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
    match read {
        Ok(length) if length as u64 > MAX_BYTES => Err("it is larger than 8 KiB"),
        Ok(_) => Ok(text),
        Err(_) => Err("the file can't be read, or is no UTF-8"),
    }
}

/// `name:password`, or JSON.
fn basic(text: &str) -> Result<Credentials, &'static str> {
    let rule = "`basic` needs a secret `name:password`, or JSON with `username` and `password`";
    let kept: Option<NameAndPassword> = serde_json::from_str(text).ok();
    let (username, password) = match kept {
        Some(kept) => (kept.username, kept.password),
        None => text.split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).ok_or(rule)?,
    };
    if username.is_empty() || password.is_empty() || username.contains(':') {
        return Err(rule);
    }
    Ok(Credentials::Basic { username, password: Password::new(password) })
}

fn bearer(text: &str) -> Result<Credentials, &'static str> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("`bearer` needs a secret that is a token: printable ASCII without blanks");
    }
    Ok(Credentials::Bearer(Password::new(text.to_owned())))
}

fn unavailable(reference: &SecretReference, why: &str) -> Error {
    Error::new(Code::SecretUnavailable, format!("the secret `{reference}` can't be used: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STACK: &str = "arn:aws:cloudformation:eu-central-1:123456789012:stack/prod/0a1b";

    fn refusal(store: &SecretStore, reference: &str) -> Option<String> {
        let judged = store.require_allowed("auth.secretRef", &reference.parse().unwrap());
        judged.err().map(|error| error.message().to_owned())
    }

    #[test]
    fn a_secret_is_of_the_deployments_own_account_region_and_partition() {
        let store = SecretStore::of(None, Some("prod"), Some(STACK));
        for (service, resource) in [
            ("ssm", "parameter/slipway/prod/integrations/hub"),
            ("secretsmanager", "secret:slipway/prod/integrations/hub-a1B2c3"),
        ] {
            let at = |place: &str| format!("arn:{place}").replace('S', service) + ":" + resource;
            assert_eq!(refusal(&store, &at("aws:S:eu-central-1:123456789012")), None);
            for (place, part) in [
                ("aws:S:eu-central-1:210987654321", "account `210987654321`"),
                ("aws:S:us-east-1:123456789012", "region `us-east-1`"),
                ("aws-cn:S:eu-central-1:123456789012", "partition `aws-cn`"),
            ] {
                let refused = refusal(&store, &at(place)).unwrap();
                assert!(refused.contains(part), "{place}: {refused}");
            }
            let unknowing = SecretStore::of(None, Some("prod"), None);
            assert!(refusal(&unknowing, &at("aws:S:eu-central-1:123456789012")).is_some());
            assert_eq!(refusal(&unknowing, "/slipway/prod/integrations/hub"), None);
        }
    }

    #[test]
    fn a_secret_is_of_the_integrations_of_the_stack() {
        let store = SecretStore::of(None, Some("prod"), Some(STACK));
        assert_eq!(refusal(&store, "/slipway/prod/integrations/hub"), None);
        for other in ["/slipway/prod/integrations", "/slipway/prod2/integrations/hub", "file:hub"] {
            assert!(refusal(&store, other).is_some(), "{other}");
        }
    }
}
