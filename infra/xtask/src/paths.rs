//! Where things are in a checkout.

use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .unwrap_or_default()
}

/// The directory that cargo builds into.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |set| root().join(set))
}

/// The pins and settings of the tools, committed.
pub fn pins() -> PathBuf {
    root().join("infra/xtask/tools")
}

/// The installed tools. Removing it makes the next test install them again.
pub fn tools() -> PathBuf {
    target().join("tools")
}

/// A debug binary of the workspace.
pub fn binary(name: &str) -> PathBuf {
    target().join("debug").join(name)
}
