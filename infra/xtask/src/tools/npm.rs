//! The OpenAPI linters, from npm.

use std::path::{Path, PathBuf};

use super::{ToolPolicy, provide};
use crate::exec::{capture, program};
use crate::failure::{Failure, Result};
use crate::paths;

/// The files that pin the packages and say how to install them.
const PINS: [&str; 3] = [".npmrc", "package.json", "package-lock.json"];

/// A program of the installed packages.
pub fn script(name: &str) -> Result<PathBuf> {
    let directory = paths::tools().join("npm");
    install(&directory)?;
    Ok(directory.join("node_modules/.bin").join(name))
}

/// Installs exactly what the lock names.
fn install(directory: &Path) -> Result<()> {
    let pins = PINS
        .map(|name| read(&paths::pins().join(name)))
        .into_iter()
        .collect::<Result<Vec<_>>>()?
        .concat();
    provide(directory, &pins, ToolPolicy::Install, || {
        println!("installing the OpenAPI linters");
        for name in PINS {
            std::fs::copy(paths::pins().join(name), directory.join(name))
                .map_err(|error| Failure::at(directory, error))?;
        }
        capture(program("npm").arg("ci").current_dir(directory)).map(|_| ())
    })
}

/// The text of `path`.
fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| Failure::at(path, error))
}
