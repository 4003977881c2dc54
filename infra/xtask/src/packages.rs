//! The packages of the workspace, and which of them a change touches.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::exec::{capture, cargo, program, stdout};
use crate::failure::{Failure, Result};
use crate::paths;

/// One package.
#[derive(Debug, Deserialize)]
pub struct CargoPackage {
    /// As `cargo --package` takes it.
    pub name: String,
    /// The whole path of its `Cargo.toml`.
    manifest_path: PathBuf,
    /// What cargo builds of it.
    targets: Vec<Target>,
}

/// One library, binary or test of a package.
#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    /// The file in which it begins.
    #[cfg(test)]
    src_path: PathBuf,
}

/// What `cargo metadata` prints.
#[derive(Deserialize)]
struct CargoMetadata {
    packages: Vec<CargoPackage>,
}

impl CargoPackage {
    /// Its directory, relative to the root of the workspace.
    pub fn directory(&self) -> &Path {
        let directory = self.manifest_path.parent().unwrap_or(Path::new(""));
        directory.strip_prefix(paths::root()).unwrap_or(directory)
    }

    /// The arguments that make cargo build its unit tests: those of its library, or of its binaries
    /// if it has no other code.
    pub fn unit_tests(&self) -> Vec<String> {
        let of_kind = |kind: &str| -> Vec<&str> {
            let targets =
                self.targets.iter().filter(|target| target.kind.iter().any(|is| is == kind));
            targets.map(|target| target.name.as_str()).collect()
        };
        if of_kind("lib").is_empty() {
            of_kind("bin").into_iter().map(|bin| format!("--bin={bin}")).collect()
        } else {
            vec!["--lib".to_owned()]
        }
    }
}

/// The arguments that make cargo build every unit test of the workspace, and nothing else. The
/// binary of a function is one call and has none: 144 test binaries would be linked for nothing.
pub fn all_unit_tests() -> Result<BTreeSet<String>> {
    Ok(all()?.iter().flat_map(CargoPackage::unit_tests).collect())
}

/// The packages that the change at hand touches.
pub fn changed() -> Result<Vec<CargoPackage>> {
    let files = changed_files()?;
    Ok(all()?.into_iter().filter(|package| touches(&files, package.directory())).collect())
}

/// Every package of the workspace.
fn all() -> Result<Vec<CargoPackage>> {
    let metadata = stdout(&mut cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: CargoMetadata = serde_json::from_slice(&metadata).map_err(Failure::wrong)?;
    Ok(metadata.packages)
}

/// The files that differ from the commit that is checked out, untracked ones included; if there
/// are none, those of that commit.
fn changed_files() -> Result<BTreeSet<String>> {
    let edited = lines(&["diff", "--name-only", "HEAD"])?;
    let untracked = lines(&["ls-files", "--others", "--exclude-standard"])?;
    let files: BTreeSet<_> = edited.into_iter().chain(untracked).collect();
    if files.is_empty() {
        Ok(lines(&["diff-tree", "-r", "--no-commit-id", "--name-only", "HEAD"])?
            .into_iter()
            .collect())
    } else {
        Ok(files)
    }
}

/// The lines that git prints.
fn lines(arguments: &[&str]) -> Result<Vec<String>> {
    let output = capture(program("git").args(arguments))?;
    Ok(output.lines().map(str::to_owned).collect())
}

/// Whether one of `files` is in `directory`.
fn touches(files: &BTreeSet<String>, directory: &Path) -> bool {
    files.iter().any(|file| Path::new(file).starts_with(directory))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_changed_by_what_is_in_its_directory() {
        let files = BTreeSet::from(["shared/signing-kms/src/lib.rs".to_owned()]);
        assert!(touches(&files, Path::new("shared/signing-kms")));
        assert!(!touches(&files, Path::new("shared/signing")));
    }

    #[test]
    fn the_packages_of_the_workspace_are_found_with_their_directories() {
        let packages = all().unwrap();
        let xtask = packages.iter().find(|package| package.name == "slipway-xtask").unwrap();
        assert_eq!(xtask.directory(), Path::new("infra/xtask"));
        assert_eq!(xtask.unit_tests(), ["--bin=slipway-xtask"]);
        let domain = packages.iter().find(|package| package.name == "slipway-domain").unwrap();
        assert_eq!(domain.unit_tests(), ["--lib"]);
        let all = all_unit_tests().unwrap();
        assert!(
            all.contains("--bin=slipway-xtask") && !all.contains("--bin=release-get"),
            "{all:?}"
        );
    }

    #[test]
    fn no_unit_test_is_where_none_is_run() {
        for package in all().unwrap() {
            let with_library = package.unit_tests() == ["--lib"];
            for target in package.targets.iter().filter(|_| with_library) {
                let source = std::fs::read_to_string(&target.src_path).unwrap();
                let is_binary = target.kind.iter().any(|kind| kind == "bin");
                let tested = ["test]", "cfg(test", "mod "].iter().any(|text| source.contains(text));
                assert!(!(is_binary && tested), "{:?}", target.src_path);
            }
        }
    }
}
