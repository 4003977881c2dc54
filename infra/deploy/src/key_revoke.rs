//! `slipway-deploy key-revoke`: for the night when a private key may be known to others.

use jiff::Timestamp;
use slipway_aws::Clients;
use slipway_domain::audit::EventType;
use slipway_domain::key::KeyRing;
use slipway_edge::Result;

use crate::catalog::{CatalogArgs, audit};

/// Which key.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub catalog: CatalogArgs,
    /// Its id, as `key-list` has it. One in 64 begins with a hyphen: it is base64url (RFC 7638).
    #[arg(allow_hyphen_values = true)]
    pub kid: String,
}

/// Ends the key now. Another one has to be there to sign.
pub async fn run(Arguments { catalog, kid }: &Arguments, clients: &Clients) -> Result<()> {
    let now = Timestamp::now();
    let revoke = |ring: &KeyRing| ring.revoked(kid, now).map(|key| vec![key]);
    catalog.open(clients).update_key_ring(revoke, EventType::KeyRevoked, kid, &audit(now)?).await?;
    println!("{kid} counts no more; functions stop signing with it within five minutes");
    println!(
        "snapshots that it has signed are made anew by the schedule, or at once by POST /v1/snapshots/generate"
    );
    Ok(())
}
