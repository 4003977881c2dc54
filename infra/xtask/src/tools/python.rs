//! Python environments: one with the AWS linters, schemathesis, and what verifies signatures
//! independently, and one with an emulator of AWS whose KMS knows Ed25519 keys.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::{ToolPolicy, provide};
use crate::exec::{capture, program};
use crate::failure::{Failure, Result};
use crate::paths;

/// The linters and schemathesis.
pub static LINTERS: Environment = Environment::new("python", "requirements.txt");
/// The emulator.
pub static MINISTACK: Environment = Environment::new("ministack", "ministack.txt");

/// A Python environment of its own.
pub struct Environment {
    /// Its directory among the tools.
    name: &'static str,
    /// The file among the pins that says what is in it.
    pins: &'static str,
    /// How installing it went: what one stage could not install, the next one can't either.
    tried: OnceLock<std::result::Result<(), String>>,
}

impl Environment {
    const fn new(name: &'static str, pins: &'static str) -> Self {
        Self { name, pins, tried: OnceLock::new() }
    }

    /// A program of the environment.
    pub fn script(&self, name: &str, policy: ToolPolicy) -> Result<PathBuf> {
        let directory = paths::tools().join(self.name);
        let tried = self.tried.get_or_init(|| {
            install(&directory, self.pins, policy).map_err(|failure| failure.to_string())
        });
        tried.clone().map(|()| directory.join("bin").join(name)).map_err(Failure::Missing)
    }
}

/// Makes an environment.
fn install(directory: &Path, pins: &str, policy: ToolPolicy) -> Result<()> {
    let requirements = paths::pins().join(pins);
    let pins = std::fs::read_to_string(&requirements)
        .map_err(|error| Failure::at(&requirements, error))?;
    provide(directory, &pins, policy, || {
        println!("installing the Python tools of {}", requirements.display());
        capture(program("python3").args(["-m", "venv"]).arg(directory))?;
        capture(
            program(directory.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(&requirements),
        )?;
        Ok(())
    })
}
