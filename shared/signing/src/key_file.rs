//! Key files: one seed, as 64 hexadecimal digits, readable by its owner only.

use std::io;
use std::path::Path;

use data_encoding::HEXLOWER;
use tokio::io::AsyncWriteExt;
use zeroize::Zeroizing;

use crate::seed::{Seed, seed};

/// Writes a new file that only its owner can read, down to the disk.
///
/// # Errors
/// What the system says, also where there is a file already.
pub async fn write(path: &Path, seed: &Seed) -> io::Result<()> {
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    options.mode(0o600);
    let text = Zeroizing::new(HEXLOWER.encode(seed.as_slice()));
    let mut file = options.open(path).await?;
    file.write_all(text.as_bytes()).await?;
    file.sync_all().await
}

/// Reads the seed in a file. Blanks around it do not matter.
///
/// # Errors
/// What the system says; `InvalidData` for anything but 64 hexadecimal digits in lower case.
pub async fn read(path: &Path) -> io::Result<Seed> {
    let text = Zeroizing::new(tokio::fs::read_to_string(path).await?);
    let bytes = HEXLOWER.decode(text.trim().as_bytes()).map(Zeroizing::new);
    let seed = bytes.ok().and_then(|bytes| seed(&bytes).ok());
    seed.ok_or_else(|| {
        let wanted = "a key file has the 64 hexadecimal digits of a seed and nothing else";
        io::Error::new(io::ErrorKind::InvalidData, wanted)
    })
}
