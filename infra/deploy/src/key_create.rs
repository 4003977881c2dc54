//! `slipway-deploy key-create`: makes a key that signs decisions.
//!
//! No function may do this: the right to add a key is the right to sign.

use jiff::Timestamp;
use slipway_aws::{Clients, Meter};
use slipway_catalog::{Table, Writer};
use slipway_edge::Result;
use slipway_edge::clock::entropy;
use slipway_signing::{Context, Vault};

/// Where the key goes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The stack's output `TableName`.
    #[arg(long)]
    table: String,
    /// The stack's output `EnvelopeKeyArn`: the KMS key that seals the new key.
    #[arg(long)]
    kms_key: String,
}

/// Makes the key and prints its id. Region and credentials are the AWS CLI's.
///
/// # Errors
/// Where KMS or DynamoDB refuse.
pub async fn run(Arguments { table, kms_key }: Arguments) -> Result<()> {
    let clients = Clients::from_environment().await;
    let vault = Vault::Kms { client: clients.kms, key_id: Some(kms_key) };
    let key = vault.create(entropy()?, Context::Decision, Timestamp::now()).await?;
    Writer::new(Table::new(clients.dynamodb, table, Meter::default())).add_signing_key(&key).await?;
    println!("{} signs decisions from now on", key.kid);
    Ok(())
}
