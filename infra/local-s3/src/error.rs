//! What can go wrong, and the one place where it becomes an S3 answer.

use std::{io, path::PathBuf};

use s3s::S3Error;

/// Why the store could not be opened, served or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another process has the directory open; two writers would undo each other's sweeping.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The metadata was written by a version of this crate whose layout is not this one's.
    #[error("the metadata has layout {found}, this program knows layout {known}")]
    Layout {
        /// The layout found in the database.
        found: i64,
        /// The only layout this program reads.
        known: i64,
    },
    /// The file system refused.
    #[error("file system: {0}")]
    Io(#[from] io::Error),
    /// `SQLite` refused.
    #[error("metadata: {0}")]
    Metadata(#[from] rusqlite::Error),
    /// What was stored as JSON is no longer readable.
    #[error("metadata: {0}")]
    Encoding(#[from] serde_json::Error),
    /// A worker thread did not finish.
    #[error("worker: {0}")]
    Worker(#[from] tokio::task::JoinError),
}

/// How an operation inside the store ends when it does not succeed.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// S3 says no: the client's fault, told to the client.
    Refused(S3Error),
    /// The store is broken: told to the client as `InternalError`.
    Broken(Error),
}

/// What the operations of the store return.
pub(crate) type Outcome<T> = Result<T, StoreError>;

impl<E: Into<Error>> From<E> for StoreError {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}

impl From<S3Error> for StoreError {
    fn from(refusal: S3Error) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for S3Error {
    fn from(fault: StoreError) -> Self {
        match fault {
            StoreError::Refused(refusal) => refusal,
            StoreError::Broken(error) => Self::internal_error(error),
        }
    }
}

impl StoreError {
    /// The same for callers who do not speak S3, to whom nothing is ever refused.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Broken(error) => error,
            Self::Refused(refusal) => Error::Io(io::Error::other(refusal)),
        }
    }
}
