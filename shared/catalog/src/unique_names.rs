//! Names, each of which one entity of a kind has: a row of its own says whose it is.

use std::fmt::Display;

use slipway_domain::{Code, Error, Result};

use crate::rows::StoredEntity;
use crate::schema::Key;
use crate::store::{Row, Transaction};

/// Adds to `tx` the claim of `id`, which is that of a `kind`, to `name`, whose row is at `key`:
/// `name_exists` where another has it.
pub(crate) fn claim_name<T>(
    tx: &mut Transaction<'_, T>,
    (kind, name): (&str, &impl Display),
    key: Key,
    id: &impl StoredEntity,
) -> Result<()> {
    let message = format!("another {kind} has the name `{name}`");
    tx.create(Row::new(key, id)?)?.or(Error::new(Code::NameExists, message).at("name"));
    Ok(())
}
