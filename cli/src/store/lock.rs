//! One sync at a time.

use std::fs::{File, TryLockError};

use super::Store;
use super::files::make_directory;
use crate::error::{CliError, Result};

/// Held by the sync that is at work. The system lets go of it when the process ends, however it
/// ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Store {
    /// Takes the lock; makes the mirror's directories where they are missing.
    pub fn lock(&self) -> Result<Lock> {
        for directory in ["snapshots", "blobs", "partial"] {
            make_directory(&self.path(directory))?;
        }
        let path = self.path("lock");
        let file = File::create(&path).map_err(CliError::io(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err(CliError::Locked(self.root().display().to_string()))
            }
            Err(TryLockError::Error(error)) => Err(CliError::io(&path)(error)),
        }
    }
}
