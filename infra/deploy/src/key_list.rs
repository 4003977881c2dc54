//! `slipway-deploy key-list`: all keys, and which of them sign.

use jiff::Timestamp;
use slipway_aws::Clients;
use slipway_domain::key::{KeyCustody, SigningKey};
use slipway_edge::Result;

use crate::catalog::CatalogArgs;

/// Of which deployment.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub catalog: CatalogArgs,
}

/// Prints a line for each key, by purpose and time.
pub async fn run(Arguments { catalog }: &Arguments, clients: &Clients) -> Result<()> {
    let now = Timestamp::now();
    let ring = catalog.open(clients).get_key_ring().await?;
    let mut keys: Vec<&SigningKey> = ring.keys.iter().collect();
    keys.sort_by_key(|key| (key.purpose.as_str(), key.not_before));
    for key in keys {
        let status = format!("{:?}", ring.status(key, now)).to_lowercase();
        let end = key.not_after.map_or_else(|| "open".to_owned(), |end| end.to_string());
        println!(
            "{} {:<8} {status:<8} from {} until {end}, {}",
            key.kid,
            key.purpose.as_str(),
            key.not_before,
            place(&key.custody)
        );
    }
    Ok(())
}

fn place(custody: &KeyCustody) -> String {
    match custody {
        KeyCustody::Kms { kms_key_id } => format!("in KMS as {kms_key_id}"),
        KeyCustody::Envelope { kms_key_id, .. } => format!("in an envelope of {kms_key_id}"),
        KeyCustody::File { name } => format!("in the file {name}"),
    }
}
