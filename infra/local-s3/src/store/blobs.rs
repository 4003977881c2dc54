//! The files that hold bytes: written once under a temporary name, renamed when whole, never
//! changed.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use uuid::Uuid;

/// What temporary files end in. Whatever still does when the store opens was never finished.
const TEMPORARY: &str = "tmp";

/// The directory of blob files.
#[derive(Clone)]
pub(crate) struct Blobs {
    dir: Arc<Path>,
}

impl Blobs {
    /// Opens the directory, creating it if need be.
    pub(super) fn open(dir: PathBuf) -> io::Result<Self> {
        fs::create_dir_all(&dir)?;
        Ok(Self { dir: dir.into() })
    }

    /// Removes every file that `is_known` does not claim: what a killed process left behind.
    pub(super) fn sweep(&self, mut is_known: impl FnMut(&str) -> bool) -> io::Result<()> {
        for entry in fs::read_dir(&self.dir)? {
            let name = entry?.file_name();
            if !name.to_str().is_some_and(&mut is_known) {
                fs::remove_file(self.dir.join(name))?;
            }
        }
        Ok(())
    }

    /// Begins a file that nobody sees and that is gone when dropped.
    pub(crate) fn begin(&self) -> io::Result<UnpublishedBlob> {
        let name = Uuid::now_v7().simple().to_string();
        let path = self.dir.join(&name).with_extension(TEMPORARY);
        let file = File::create_new(&path)?;
        Ok(UnpublishedBlob { file, name, leftover: TempFile(path), dir: Arc::clone(&self.dir) })
    }

    /// Opens a file for reading from a position on.
    pub(crate) fn read_from(
        &self,
        name: &str,
        start: u64,
    ) -> io::Result<impl Read + Send + Sync + 'static> {
        let mut file = File::open(self.dir.join(name))?;
        file.seek(SeekFrom::Start(start))?;
        Ok(file)
    }

    /// Removes a file nothing refers to. One that stays is swept at the next opening.
    pub(super) fn remove(&self, name: &str) {
        if let Err(error) = fs::remove_file(self.dir.join(name)) {
            tracing::warn!(%error, blob = name, "blob file not removed");
        }
    }
}

/// A file that is removed when this is dropped.
struct TempFile(PathBuf);

impl Drop for TempFile {
    fn drop(&mut self) {
        // It may have been renamed away, which is the good case; otherwise the sweep at the next
        // opening sees to it.
        let _ = fs::remove_file(&self.0);
    }
}

/// A blob being written. Dropping it removes it.
pub(crate) struct UnpublishedBlob {
    file: File,
    name: String,
    leftover: TempFile,
    dir: Arc<Path>,
}

impl UnpublishedBlob {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)
    }

    /// Gives the file its final name. When this returns, bytes and name are on the disk.
    pub(crate) fn finish(self) -> io::Result<FreshBlob> {
        self.file.sync_all()?;
        let path = self.dir.join(&self.name);
        fs::rename(&self.leftover.0, &path)?;
        let leftover = TempFile(path);
        File::open(&self.dir)?.sync_all()?;
        Ok(FreshBlob { name: self.name, leftover })
    }
}

/// A blob on disk that no metadata mentions yet. Dropping it removes it.
pub(crate) struct FreshBlob {
    pub(super) name: String,
    leftover: TempFile,
}

impl FreshBlob {
    /// Keeps the file: a durable transaction refers to it.
    pub(super) fn keep(self) {
        std::mem::forget(self.leftover);
    }
}
