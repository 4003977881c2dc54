//! Tools that are not part of the toolchain: pinned in `infra/xtask/tools`, installed into
//! `target/tools` when they are first needed.

pub mod cargo_tool;
pub mod debian;
pub mod npm;
pub mod python;

use std::path::Path;

use crate::failure::{Failure, Result};

/// What becomes of a tool that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolPolicy {
    /// It is installed, which may take minutes.
    Install,
    /// Whoever needs it is skipped.
    UseInstalled,
}

/// Sees to it that `install` has succeeded in `directory` with these `pins`. A failed installation
/// is the machine's fault, and so is a tool that may not be installed now.
fn provide(
    directory: &Path,
    pins: &str,
    policy: ToolPolicy,
    install: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let stamp = directory.join("installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(());
    }
    if policy == ToolPolicy::UseInstalled {
        let name = directory.file_name().unwrap_or_default().display();
        return Err(Failure::Missing(format!(
            "{name} is not installed yet; `cargo xtask test` installs it"
        )));
    }
    let _ = std::fs::remove_dir_all(directory);
    std::fs::create_dir_all(directory).map_err(|error| Failure::at(directory, error))?;
    install().map_err(Failure::missing)?;
    std::fs::write(&stamp, pins).map_err(|error| Failure::at(&stamp, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_installed_once_and_again_when_a_pin_moves() {
        let directory =
            std::env::temp_dir().join(format!("slipway-xtask-provide-{}", std::process::id()));
        let mut installed = Vec::new();
        for pins in ["one", "one", "two"] {
            provide(&directory, pins, ToolPolicy::Install, || {
                installed.push(pins);
                Ok(())
            })
            .unwrap();
        }
        std::fs::remove_dir_all(&directory).unwrap();
        assert_eq!(installed, ["one", "two"]);
    }

    #[test]
    fn a_failed_installation_is_the_machines_fault_and_is_tried_again() {
        let directory =
            std::env::temp_dir().join(format!("slipway-xtask-fail-{}", std::process::id()));
        let failed = provide(&directory, "one", ToolPolicy::Install, || {
            Err(Failure::Wrong("no network".to_owned()))
        });
        assert_eq!(failed, Err(Failure::Missing("no network".to_owned())));
        assert_eq!(provide(&directory, "one", ToolPolicy::Install, || Ok(())), Ok(()));
        std::fs::remove_dir_all(&directory).unwrap();
    }

    #[test]
    fn a_tool_that_may_not_be_installed_is_missing_by_name() {
        let directory = Path::new("/nonexistent/cargo-machete");
        let missing = provide(directory, "one", ToolPolicy::UseInstalled, || unreachable!());
        let reason = "cargo-machete is not installed yet; `cargo xtask test` installs it";
        assert_eq!(missing, Err(Failure::Missing(reason.to_owned())));
    }
}
