//! Tools that are not part of the toolchain: pinned in `infra/xtask/tools`, installed into
//! `target/tools` when they are first needed.

pub mod cargo_tool;
pub mod npm;
pub mod python;

use std::path::Path;

use crate::failure::{Failure, Result};

/// Runs `install` unless it has succeeded in `directory` with the same `pins` before. A failed
/// installation is the machine's fault.
fn once(directory: &Path, pins: &str, install: impl FnOnce() -> Result<()>) -> Result<()> {
    let stamp = directory.join("installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(());
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
            std::env::temp_dir().join(format!("slipway-xtask-once-{}", std::process::id()));
        let mut installed = Vec::new();
        for pins in ["one", "one", "two"] {
            once(&directory, pins, || {
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
        let failed = once(&directory, "one", || Err(Failure::Wrong("no network".to_owned())));
        assert_eq!(failed, Err(Failure::Missing("no network".to_owned())));
        assert_eq!(once(&directory, "one", || Ok(())), Ok(()));
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
