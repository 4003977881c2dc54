//! Which keys a command trusts: those of a file, or those that an origin serves.

use std::path::PathBuf;

use clap::Args;
use slipway_signing::KeySet;
use url::Url;

use crate::config::InsecureHttp;
use crate::environment::Environment;
use crate::error::{CliError, Result};
use crate::origin::{Client, Patience, fetch_policy};

/// Where the keys to trust come from.
#[derive(Debug, Args)]
pub struct TrustArguments {
    /// A JSON Web Key Set with the keys to trust.
    #[arg(long, required_unless_present = "origin", conflicts_with = "origin")]
    keys: Option<PathBuf>,
    /// Where Slipway is: its keys are fetched from there.
    #[arg(long)]
    origin: Option<Url>,
    /// PEM certificates to trust beside the system's.
    #[arg(long, conflicts_with = "keys")]
    ca_file: Option<PathBuf>,
    /// Lets the origin be http: for a local stack.
    #[arg(long, conflicts_with = "keys")]
    allow_http: bool,
}

impl TrustArguments {
    /// The keys.
    pub async fn keys(&self, environment: &Environment) -> Result<KeySet> {
        if let Some(path) = &self.keys {
            let bytes = std::fs::read(path).map_err(CliError::io(path))?;
            return serde_json::from_slice(&bytes)
                .map_err(|error| CliError::Usage(format!("{}: {error}", path.display())));
        }
        let Some(origin) = self.origin.clone() else {
            return Err(CliError::Usage("name the keys: --keys or --origin".to_owned()));
        };
        let insecure_http =
            if self.allow_http { InsecureHttp::Allowed } else { InsecureHttp::Refused };
        let allowed = fetch_policy(origin.clone(), insecure_http, Vec::new());
        let ca_file = self.ca_file.as_deref();
        Client::new(allowed, None, ca_file, &environment.network()?, Patience::default())?
            .keys(&origin)
            .await
    }
}
