//! How rows are read and written: the only files that talk to DynamoDB about more than one row.
//!
//! [`Table::transact`] is the one way to change rows. It builds a transaction, commits it, and
//! begins anew where another writer came in between; the raw commit is private to it.

mod counter;
mod descent;
mod key_query;
mod list;
mod query;
pub(crate) mod retry;
pub(crate) mod row;
mod table;
mod transaction;

pub(crate) use self::counter::{CounterUpdate, numbers};
pub(crate) use self::descent::json_bytes;
pub(crate) use self::key_query::KeyQuery;
pub(crate) use self::row::{Item, Row, decode, number, text};
pub(crate) use self::table::{Consistency, failed};
pub(crate) use self::transaction::Transaction;

pub use self::key_query::StartKey;
pub use self::row::Stored;
pub use self::table::{Reader, Table, Writer};
