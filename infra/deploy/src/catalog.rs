//! The way to the deployment's catalog.

use slipway_aws::{Clients, Meter};
use slipway_catalog::{AuditContext, Table, Writer};
use slipway_domain::{GenerateId, Principal, Timestamp};
use slipway_edge::Result;
use slipway_edge::clock::entropy;

/// Which catalog.
#[derive(Debug, clap::Args)]
pub struct CatalogArgs {
    /// The stack's output `TableName`.
    #[arg(long, value_parser = table_name)]
    pub table: String,
}

/// A name as DynamoDB has them.
fn table_name(name: &str) -> Result<String, &'static str> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if (3..=255).contains(&name.len()) && name.chars().all(legal) {
        return Ok(name.to_owned());
    }
    Err(
        "a table's name has 3 to 255 letters, digits, `_`, `.` and `-`: it is the stack's output TableName",
    )
}

impl CatalogArgs {
    /// Reads and writes it.
    pub fn open(&self, clients: &Clients) -> Writer {
        let table = Table::new(clients.dynamodb.clone(), &self.table, Meter::default());
        Writer::new(table, Principal::system().into())
    }
}

/// What a deployer's changes are recorded with.
pub fn audit(now: Timestamp) -> Result<AuditContext> {
    let event_id = GenerateId::generate(now, entropy()?);
    Ok(AuditContext::new(now, "deployer", "slipway-deploy", event_id))
}
