//! What a transaction replaces or deletes is what the principal may change: the two take the
//! revision of a row as [`Writer::to_change`] gives it, and nothing else makes one.

use slipway_domain::Result;

use crate::authorization::{Protected, Resource};
use crate::store::{Stored, Writer};

/// The revision of a row that the principal may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AuthorizedRevision(u64);

impl AuthorizedRevision {
    /// The number.
    pub(crate) fn get(self) -> u64 {
        self.0
    }
}

impl Writer {
    /// What was read in an attempt, to be changed in it, if the principal may change it.
    ///
    /// # Errors
    /// `not_found` or `forbidden`.
    pub(crate) fn to_change<T: Protected>(
        &self,
        Stored { value, rev }: Stored<T>,
    ) -> Result<Stored<T, AuthorizedRevision>> {
        self.authorize_change(value.resource())?;
        Ok(Stored { value, rev: AuthorizedRevision(rev) })
    }

    /// The same for what belongs to `resource`.
    ///
    /// # Errors
    /// `not_found` or `forbidden`.
    pub(crate) fn to_change_of<T>(
        &self,
        resource: Resource<'_>,
        Stored { value, rev }: Stored<T>,
    ) -> Result<Stored<T, AuthorizedRevision>> {
        self.authorize_change(resource)?;
        Ok(Stored { value, rev: AuthorizedRevision(rev) })
    }
}
