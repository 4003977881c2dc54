//! Cargo's helpers, from crates.io.

use std::path::PathBuf;

use super::{ToolPolicy, provide};
use crate::exec::{capture, cargo};
use crate::failure::Result;
use crate::paths;

/// Checks licences, bans, sources and advisories.
pub const CARGO_DENY: CargoTool = CargoTool { name: "cargo-deny", version: "0.20.2" };
/// Finds dependencies that nothing uses.
pub const CARGO_MACHETE: CargoTool = CargoTool { name: "cargo-machete", version: "0.9.2" };

/// One crate with a binary of the same name.
pub struct CargoTool {
    name: &'static str,
    version: &'static str,
}

impl CargoTool {
    /// The binary, built first if it is not there. Without optimisation: building takes minutes,
    /// running seconds.
    pub fn path(&self, policy: ToolPolicy) -> Result<PathBuf> {
        let directory = paths::tools().join(self.name);
        provide(&directory, self.version, policy, || {
            println!("building {} {}", self.name, self.version);
            let mut command = cargo(&[
                "install",
                "--locked",
                "--debug",
                "--version",
                self.version,
                self.name,
                "--root",
            ]);
            command
                .arg(&directory)
                .env("CARGO_PROFILE_DEV_DEBUG", "0")
                .env_remove("CARGO_TARGET_DIR");
            capture(&mut command).map(|_| ())
        })?;
        Ok(directory.join("bin").join(self.name))
    }
}
