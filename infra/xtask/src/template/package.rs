//! Packages: which has the binary of a function, and how resources are named that its functions
//! share. Cargo finds binaries by their file names, and so does this.

use std::path::Path;

use crate::failure::{Failure, Result};
use crate::paths;
use crate::template::name;

/// The directory of the package that has the binary `op`, such as `functions/releases`.
pub fn of(op: &str) -> Result<String> {
    let functions = paths::root().join("functions");
    let entries = std::fs::read_dir(&functions).map_err(|error| Failure::at(&functions, error))?;
    let mut packages = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let found = packages.find(|name| has_binary(&functions.join(name), op));
    found.map(|name| format!("functions/{name}")).ok_or_else(|| {
        Failure::Wrong(format!("no package has the binary functions/*/src/bin/{op}.rs"))
    })
}

/// The name of the package in the directory `package`, such as `releases`.
pub fn name(package: &str) -> &str {
    package.trim_start_matches("functions/")
}

/// The logical id of a resource of `package`: `functions/releases` and `Logs` make `ReleasesLogs`.
pub fn logical_id(package: &str, kind: &str) -> String {
    name::logical_id(name(package), kind)
}

/// Whether `package` has the binary `op`.
fn has_binary(package: &Path, op: &str) -> bool {
    package.join("src/bin").join(op).with_extension("rs").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_without_a_binary_is_named() {
        let failure = of("no-such-op").unwrap_err();
        assert!(failure.to_string().contains("functions"), "{failure}");
    }
}
