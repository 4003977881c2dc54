//! Files that are there whole or not at all, whenever the machine stops.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use crate::error::{CliError, Result};

/// Writes `bytes` to `path`, in place of what was there.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let new = path.with_extension("new");
    write(&new, bytes)?;
    rename_durably(&new, path)
}

/// Writes a new file, down to the disk.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = File::create(path).map_err(CliError::io(path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(CliError::io(path))
}

/// Gives what is at `new` the name `path`, down to the disk.
pub fn rename_durably(new: &Path, path: &Path) -> Result<()> {
    fs::rename(new, path).map_err(CliError::io(path))?;
    path.parent().map_or(Ok(()), sync_directory)
}

/// Makes a directory, and those above it.
pub fn make_directory(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(CliError::io(path))
}

/// The names in a directory; none, where there is no directory.
pub fn list_names(path: &Path) -> Result<Vec<String>> {
    match fs::read_dir(path) {
        Ok(entries) => {
            Ok(entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect())
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(CliError::io(path)(error)),
    }
}

/// A name is only as durable as the directory that holds it.
fn sync_directory(path: &Path) -> Result<()> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(CliError::io(path))
}
