//! The secrets that integrations refer to: read when they are needed, and kept nowhere.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use slipway_aws::{ParameterError, read_parameter};
use slipway_composition::{AuthMode, IntegrationAuth, SecretLocation, SecretReference};
use slipway_domain::{Code, Error, Result};
use slipway_oci::{Credentials, Password};

use crate::services::Services;

/// The largest secret that is read from a file; SSM's own limit is 8 KiB.
const MAX_BYTES: u64 = 8 << 10;

/// What a reference of a deployment has to name.
#[derive(Debug, Clone)]
pub(crate) enum SecretStore {
    /// Files of a directory.
    Directory(PathBuf),
    /// Parameters and secrets of the stack with this name.
    Stack(String),
}

/// Name and password as they are kept in JSON.
#[derive(Deserialize)]
struct NameAndPassword {
    username: String,
    password: String,
}

impl SecretStore {
    /// Files of `directory`, or what belongs to `stack`. Without either no reference is allowed.
    pub(crate) fn of(directory: Option<PathBuf>, stack: Option<&str>) -> Self {
        match directory {
            Some(directory) => Self::Directory(directory),
            None => Self::Stack(stack.unwrap_or_default().to_owned()),
        }
    }

    /// Makes sure that `reference` names what secrets of integrations may be, and nothing else of
    /// the account.
    ///
    /// # Errors
    /// `invalid_field` at `auth.secretRef`.
    pub(crate) fn require_allowed(&self, reference: &SecretReference) -> Result<()> {
        let rule = match (self, reference.location()) {
            (Self::Directory(_), Some(SecretLocation::File { .. })) => return Ok(()),
            (Self::Directory(_), _) => {
                "this deployment reads secrets from files: `file:` and the name of a file in the directory `secrets` of its data".to_owned()
            }
            (Self::Stack(stack), location) => {
                let prefix = format!("/slipway/{stack}/integrations/");
                let name = match location {
                    Some(SecretLocation::Parameter { name, .. }) => name.to_owned(),
                    Some(SecretLocation::Secret { name, .. }) => format!("/{name}"),
                    _ => String::new(),
                };
                let is_below = name.strip_prefix(&prefix).is_some_and(|rest| !rest.is_empty());
                if is_below && !stack.is_empty() {
                    return Ok(());
                }
                format!(
                    "the name of an SSM parameter has to begin with `{prefix}`, that of a secret in Secrets Manager with the same without its first slash"
                )
            }
        };
        Err(Error::invalid("auth.secretRef", rule))
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
        self.secret_store.require_allowed(reference)?;
        let text = self.read_secret(reference).await?;
        let text = text.trim_end_matches(['\r', '\n']);
        let credentials = match auth.mode {
            AuthMode::Basic => basic(text),
            _ => bearer(text),
        };
        credentials.map_err(|rule| unavailable(reference, rule))
    }

    async fn read_secret(&self, reference: &SecretReference) -> Result<String> {
        let unusable = || unavailable(reference, "it is of no known kind");
        let name = match (&self.secret_store, reference.location().ok_or_else(unusable)?) {
            (SecretStore::Directory(directory), SecretLocation::File { name }) => {
                return read_file(&directory.join(name)).map_err(|why| unavailable(reference, why));
            }
            (SecretStore::Stack(_), SecretLocation::Parameter { id, .. }) => id.to_owned(),
            (SecretStore::Stack(_), SecretLocation::Secret { region, name }) => {
                if self.parameters.region().is_none_or(|own| own.as_ref() != region) {
                    return Err(unavailable(reference, "it is in another region"));
                }
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
