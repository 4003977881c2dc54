//! `slipway-deploy key-create`: makes a key, or the successor of one.

use jiff::{SignedDuration, Timestamp};
use slipway_aws::Clients;
use slipway_catalog::Writer;
use slipway_domain::audit::EventType;
use slipway_domain::decision;
use slipway_domain::key::{KeyPurpose, KeyRing};
use slipway_edge::Result;
use slipway_signing::Context;
use slipway_snapshot::{SnapshotConfig, Span};

use crate::catalog::{CatalogArgs, audit};
use crate::custody::CustodyArgs;

/// What the key is for, and where its private half goes.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    pub catalog: CatalogArgs,
    /// What it signs.
    #[arg(long)]
    purpose: KeyUse,
    #[command(flatten)]
    custody: CustodyArgs,
    /// How long a successor is published before it signs, so that verifiers get to know it; 0s in
    /// an emergency.
    #[arg(long, default_value = "1h")]
    lead: Span,
    /// How long the signatures of its predecessor count after that.
    #[arg(long, default_value = "90d")]
    grace: Span,
}

/// What a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum KeyUse {
    /// Decisions.
    Decision,
    /// Snapshots.
    Snapshot,
}

impl KeyUse {
    const fn context(self) -> Context {
        match self {
            Self::Decision => Context::Decision,
            Self::Snapshot => Context::Snapshot,
        }
    }
}

/// Makes the key, adds it to the ring, and tells when it signs.
pub async fn run(arguments: &Arguments, clients: &Clients) -> Result<()> {
    let Arguments { catalog, purpose, custody, lead, grace } = arguments;
    let context = purpose.context();
    // Before anything is asked: what contradicts itself needs no AWS to say so.
    custody.check(context, clients)?;
    let (catalog, now) = (catalog.open(clients), Timestamp::now());
    let (ring, lifetime) =
        (catalog.get_key_ring().await?, lifetime(&catalog, context.purpose()).await?);
    // The first key signs at once: nobody has waited for another one.
    let lead =
        ring.signer(context.purpose(), now).map_or(SignedDuration::ZERO, |_| lead.duration());
    let admits = |ring: &KeyRing| {
        ring.check_successor(context.purpose(), now + lead, grace.duration(), lifetime)
    };
    // Before it is made: a key in KMS that nobody uses costs a dollar a month.
    admits(&ring)?;
    let key = custody.make(&clients.kms, context, now + lead).await?;
    let join =
        |ring: &KeyRing| admits(ring).map(|()| ring.with_successor(key.clone(), grace.duration()));
    catalog.update_key_ring(join, EventType::KeyAdded, &key.kid, &audit(now)?).await?;
    println!("{} signs {}s from {} on", key.kid, key.purpose.as_str(), key.not_before);
    Ok(())
}

/// How long what is signed may be accepted.
async fn lifetime(catalog: &Writer, purpose: KeyPurpose) -> Result<SignedDuration> {
    if purpose == KeyPurpose::Decision {
        return Ok(decision::LIFETIME);
    }
    let stored = catalog.find_snapshot_config().await?.map(|stored| stored.value);
    Ok(SnapshotConfig::effective(stored, SignedDuration::ZERO).lifetime.duration())
}
