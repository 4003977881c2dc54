//! The catalog on DynamoDB.
//!
//! One table; [`schema`] has all key text and every access pattern. [`Reader`] reads, [`Writer`] also writes:
//! which of them a function holds decides its IAM policy. Each entity's rows are written in one file of this
//! crate, as one transaction with the audit event (and, where the content that clients get changes, an outbox row).
//!
//! Every row is `PK`, `SK`, `doc` (the entity as JSON), `rev` (rises with each change) and the keys of the
//! indexes it is listed in. A writer names the `rev` it has seen; another one has come in between if it differs.

mod artifacts;
mod contention;
mod decisions;
mod deed;
mod idempotency;
mod keys;
mod mirrors;
mod outbox;
mod products;
mod release_index;
mod releases;
mod row;
pub mod schema;
mod setup;
mod snapshot_config;
mod snapshots;
mod table;
mod tenants;
mod tokens;
mod transaction;
mod uploads;

pub use artifacts::Uses;
pub use contention::Contention;
pub use decisions::{DecisionCache, DecisionReader, Facts};
pub use deed::Deed;
pub use idempotency::{Attempt, Ledger, StoredAnswer};
pub use outbox::{CHANGES, Inserted, WORK};
pub use releases::Publication;
pub use row::Stored;
pub use setup::{create_table, table_definition};
pub use snapshot_config::{Agenda, Rhythm};
pub use snapshots::Appended;
pub use table::{Position, Reader, Table, Writer};
