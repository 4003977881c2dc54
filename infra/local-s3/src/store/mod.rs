//! What is kept, and how: files for bytes, `SQLite` for what they mean.

mod blobs;
mod conditions;
mod content;
pub(crate) mod digest;
mod events;
mod layout;
mod listing;
mod objects;
mod parts;
mod pins;
mod reading;
mod uploads;
mod writing;

use std::{
    fs::{self, File, TryLockError},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use rusqlite::Connection;

pub use self::events::{Event, EventId};
use self::{blobs::Blobs, events::Outbox, pins::Pins};
pub(crate) use self::{
    blobs::UnpublishedBlob,
    conditions::{ConditionOutcome, ReadConditions, WriteConditions},
    content::{Segment, cut},
    events::ObjectEventKind,
    listing::{Listing, ListingQuery, just_after},
    objects::{Headers, NewObject, Object},
    parts::{NewPart, Part},
    reading::ObjectRead,
    uploads::{Completion, NamedPart, Upload, UploadsPage},
    writing::WriteTransaction,
};
use crate::{Error, error::Outcome};

/// The buckets, objects, uploads and undelivered events in one directory. Clones are the same
/// store.
#[derive(Clone)]
pub struct Store(Arc<StoreInner>);

/// The blocking half of [`Store`]: to be used where blocking is allowed.
pub(crate) struct StoreInner {
    /// One connection: transactions are serial, which is what makes conditional writes atomic.
    connection: Mutex<Connection>,
    blobs: Blobs,
    pins: Pins,
    outbox: Outbox,
    notify_prefix: String,
    /// Held as long as the store is open; the system lets go of it however the process ends.
    _lock: File,
}

impl Store {
    /// Opens the store in a directory, creating it if need be, and removes what a killed process
    /// left unfinished.
    ///
    /// Objects created under a key that starts with `notify_prefix` are announced as [`Event`]s
    /// from now on.
    ///
    /// # Errors
    /// If the directory is in use by another process, written by another layout of this crate, or
    /// not accessible.
    pub fn open(dir: &Path, notify_prefix: &str) -> Result<Self, Error> {
        fs::create_dir_all(dir)?;
        let lock = lock(dir)?;
        let connection = layout::open(&dir.join("metadata.sqlite"))?;
        let blobs = Blobs::open(dir.join("blobs"))?;
        writing::sweep(&connection, &blobs)?;
        Ok(Self(Arc::new(StoreInner {
            connection: Mutex::new(connection),
            blobs,
            pins: Pins::default(),
            outbox: Outbox::default(),
            notify_prefix: notify_prefix.to_owned(),
            _lock: lock,
        })))
    }

    /// Does blocking work on the store off the asynchronous threads.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&StoreInner) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        let inner = Arc::clone(&self.0);
        tokio::task::spawn_blocking(move || work(&inner)).await?
    }
}

impl StoreInner {
    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A transaction cut off by a panic has rolled back when its guard was dropped.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads metadata.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
        work(&self.connection())
    }

    /// Refuses if there is no such bucket.
    pub(crate) fn require_bucket(&self, bucket: &str) -> Outcome<()> {
        self.read(|connection| writing::require_bucket(connection, bucket))
    }

    /// Changes metadata: all of it, durably, or nothing.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&mut WriteTransaction<'_>) -> Outcome<T>,
    ) -> Outcome<T> {
        let mut connection = self.connection();
        let mut writing = WriteTransaction::begin(&mut connection, &self.notify_prefix)?;
        let value = work(&mut writing)?;
        let aftermath = writing.commit(&self.pins)?;
        drop(connection);
        for file in &aftermath.garbage {
            self.blobs.remove(file);
        }
        if aftermath.announced {
            self.outbox.wake();
        }
        Ok(value)
    }

    /// Begins a blob.
    pub(crate) fn begin_blob(&self) -> Outcome<UnpublishedBlob> {
        Ok(self.blobs.begin()?)
    }
}

fn lock(dir: &Path) -> Result<File, Error> {
    let file = File::options().create(true).truncate(false).write(true).open(dir.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Milliseconds since 1970, the form of every time in the metadata.
fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
