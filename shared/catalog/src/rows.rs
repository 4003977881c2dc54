//! What is stored, apart from what the API answers.
//!
//! Each entity has a row type in one file here: plain text and numbers, member by member as they
//! stand in the row's `doc`. A field of the API can be renamed, and a rule for text can become
//! stricter: rows stay as they are, and load.
//!
//! - Reading takes what any released version wrote. Text was checked when it was written and is not
//!   checked again; a member that an earlier version did not know gets the value that was implied.
//! - Writing writes the newest form. A member is never renamed or given another meaning.
//! - A member that can't be added with a default makes a new form: [`StoredEntity::FORM`] rises,
//!   the item says so in its attribute `v`, and [`StoredEntity::from_older`] reads the form before
//!   it.
//!
//! `docs/UPGRADING.md` has the rule for those who change a row.

mod adoption;
mod approval;
mod artifact;
mod audit;
mod bundle;
mod channel_follows;
mod channel_head;
mod component;
mod deployment;
mod environment;
#[cfg(test)]
mod forms_test;
mod halting;
mod head_summary;
mod idempotency;
mod integration;
mod mirror;
mod numbered_list;
mod offered;
mod outcome;
mod pointers;
mod policy;
mod product;
mod promotion;
mod release;
mod release_change;
mod release_upload;
#[cfg(test)]
mod released_heads;
#[cfg(test)]
mod released_rows;
mod required_release;
mod rollout;
mod signing_key;
mod snapshot;
mod snapshot_config;
mod stream_use;
mod tenant;
mod text;
mod token;
mod trust_rule;
mod upload;
mod version_map;
mod webhook;
mod words;
mod work;

pub(crate) use self::outcome::CounterDay;

use serde::{Deserialize, Serialize};
use slipway_domain::{Error, Result};

/// The form that version 0.1.0 wrote. An item of this form has no attribute `v`.
pub(crate) const FIRST_FORM: u64 = 1;

/// An entity that rows keep.
pub(crate) trait StoredEntity: Sized {
    /// The form that [`StoredEntity::to_row`] writes: it rises where a row of the form before would
    /// be misread.
    const FORM: u64 = FIRST_FORM;

    /// The row of the newest form.
    type Row<'a>: Serialize + Deserialize<'a>
    where
        Self: 'a;

    /// The row to write. It borrows from the entity.
    fn to_row(&self) -> Self::Row<'_>;

    /// The entity that a row keeps.
    ///
    /// # Errors
    /// `internal` for a value that no released version wrote.
    fn from_row(row: Self::Row<'_>) -> Result<Self>;

    /// The entity that the `doc` of an older form keeps.
    ///
    /// # Errors
    /// `internal` for a form that no released version wrote.
    fn from_older(form: u64, _doc: &str) -> Result<Self> {
        Err(Error::internal(format!("form {form} of a row; this version knows {}", Self::FORM)))
    }
}

/// The `doc` of an entity, in its newest form.
pub(crate) fn write<T: StoredEntity>(entity: &T) -> Result<String> {
    serde_json::to_string(&entity.to_row()).map_err(Error::internal)
}

/// The entity that a `doc` of this form keeps.
///
/// # Errors
/// `internal` for what no released version wrote.
pub(crate) fn read<T: StoredEntity>(form: u64, doc: &str) -> Result<T> {
    if form == T::FORM {
        T::from_row(serde_json::from_str(doc).map_err(Error::internal)?)
    } else {
        T::from_older(form, doc)
    }
}
