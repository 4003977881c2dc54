//! Where the private half of a new key goes.

use std::env;
use std::path::PathBuf;

use jiff::Timestamp;
use slipway_aws::Clients;
use slipway_domain::key::SigningKey;
use slipway_edge::clock::entropy;
use slipway_edge::{Error, Result};
use slipway_signing::{Context, directory};
use slipway_signing_kms::{envelope, kms};
use url::{Host, Url};

/// Where the private half goes.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct CustodyArgs {
    /// Into an envelope, sealed with this KMS key: the stack's output `EnvelopeKeyArn`.
    #[arg(long, value_name = "KMS KEY")]
    envelope: Option<String>,
    /// Into KMS, which makes a key for the functions of this stack. Not for decisions: each would
    /// be a call to KMS.
    #[arg(long, value_name = "STACK")]
    kms: Option<String>,
    /// Into a file of this directory, for the local stack: `keys` below its `--data`.
    #[arg(long, value_name = "DIRECTORY")]
    file: Option<PathBuf>,
}

impl CustodyArgs {
    /// Refuses what contradicts the purpose, or the place of the catalog.
    ///
    /// # Errors
    /// `invalid_field`, naming the argument, and what it contradicts.
    pub fn check(&self, context: Context, clients: &Clients) -> Result<()> {
        if self.kms.is_some() && context == Context::Decision {
            return Err(Error::invalid(
                "--kms",
                "a decision takes no call to KMS: seal its key with --envelope",
            ));
        }
        if let Some(directory) = &self.file {
            return check_directory(directory);
        }
        let region = clients.kms.config().region().map(AsRef::as_ref);
        match (self.envelope.as_deref().and_then(region_of), region) {
            (Some(key), Some(region)) if key != region => Err(Error::invalid(
                "--envelope",
                format!(
                    "the KMS key is in {key}, and the region of this command (AWS_REGION) is {region}"
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Makes the key.
    pub async fn make(
        &self,
        client: &aws_sdk_kms::Client,
        context: Context,
        not_before: Timestamp,
    ) -> Result<SigningKey> {
        match self {
            Self { envelope: Some(kms_key), .. } => {
                envelope::create(client, kms_key, entropy()?, context, not_before).await
            }
            Self { kms: Some(stack), .. } => kms::create(client, stack, context, not_before).await,
            Self { file: Some(keys), .. } => {
                directory::create(keys, entropy()?, context, not_before).await
            }
            _ => Err(Error::invalid(
                "--envelope",
                "say where the private half goes: --envelope, --kms or --file",
            )),
        }
    }
}

/// A key in a file is for a stack on this machine: no function on AWS could read it.
fn check_directory(directory: &std::path::Path) -> Result<()> {
    if !dynamodb_is_local() {
        return Err(Error::invalid(
            "--file",
            "the catalog is on AWS, whose functions read no file of this machine: take --envelope or --kms; for the local stack, set AWS_ENDPOINT_URL_DYNAMODB to its DynamoDB",
        ));
    }
    if !directory.is_dir() {
        let message = format!(
            "there is no directory {}; the local stack's is `keys` below its --data",
            directory.display()
        );
        return Err(Error::invalid("--file", message));
    }
    Ok(())
}

/// Whether the SDK is told to ask a DynamoDB of this machine.
fn dynamodb_is_local() -> bool {
    let names = ["AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"];
    let endpoint = names.iter().find_map(|name| env::var(name).ok());
    match endpoint.and_then(|url| Url::parse(&url).ok()?.host().map(|host| host.to_owned())) {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// The region in an ARN.
fn region_of(key: &str) -> Option<&str> {
    key.strip_prefix("arn:")?.split(':').nth(2)
}
