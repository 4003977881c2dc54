//! A Python environment with the AWS linters, schemathesis, and what verifies signatures independently.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::once;
use crate::exec::{program, quiet};
use crate::failure::{Failure, Result};
use crate::place;

/// The Python of the environment.
pub fn interpreter() -> Result<PathBuf> {
    script("python")
}

/// A program of the environment.
pub fn script(name: &str) -> Result<PathBuf> {
    Ok(environment()?.join("bin").join(name))
}

/// The environment, tried once: what one stage could not install, the next one can't either.
fn environment() -> Result<PathBuf> {
    static TRIED: OnceLock<std::result::Result<(), String>> = OnceLock::new();
    let directory = place::tools().join("python");
    let tried = TRIED.get_or_init(|| install(&directory).map_err(|failure| failure.to_string()));
    tried.clone().map(|()| directory).map_err(Failure::Missing)
}

/// Makes the environment.
fn install(directory: &Path) -> Result<()> {
    let requirements = place::pins().join("requirements.txt");
    let pins = std::fs::read_to_string(&requirements).map_err(|error| Failure::at(&requirements, error))?;
    once(directory, &pins, || {
        println!("installing the Python tools");
        quiet(program("python3").args(["-m", "venv"]).arg(directory))?;
        quiet(program(directory.join("bin/python")).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements))?;
        Ok(())
    })
}
