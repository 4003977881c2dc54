//! `cargo xtask check`: every generated file says what the code says.

use std::collections::BTreeSet;

use super::{Command, GENERATORS, Generator};
use crate::description::Description;
use crate::failure::{Failure, Result};
use crate::generated::Generated;
use crate::paths;

/// The command.
pub const COMMAND: Command = Command {
    name: "check",
    about: "fail if a generated file is not what the code makes of it",
    run: |_| generated(&Description::fresh()?),
};

/// Compares every generated file, and names the command that writes it anew.
pub fn generated(description: &Description) -> Result<()> {
    let differences = GENERATORS
        .iter()
        .map(|generator| differences(generator, description))
        .collect::<Result<Vec<_>>>()?
        .concat();
    if differences.is_empty() { Ok(()) } else { Err(Failure::Wrong(differences.join("\n"))) }
}

/// What is wrong with the files of `generator`.
fn differences(generator: &Generator, description: &Description) -> Result<Vec<String>> {
    let files = (generator.generate)(description)?;
    let leftovers =
        generator.directory.map(|directory| leftovers(directory, &files)).unwrap_or_default();
    let different = files.iter().filter_map(Generated::difference);
    Ok(different
        .map(|said| {
            format!("{said}\n    run `cargo xtask {}` and commit what it wrote", generator.command)
        })
        .chain(leftovers)
        .collect())
}

/// The files in `directory` that nothing generates any more.
fn leftovers(directory: &str, files: &[Generated]) -> Vec<String> {
    let wanted: BTreeSet<_> = files.iter().map(|file| file.path.as_str()).collect();
    let entries = std::fs::read_dir(paths::root().join(directory)).into_iter().flatten();
    let standing = entries
        .filter_map(|entry| Some(format!("{directory}/{}", entry.ok()?.file_name().to_str()?)));
    standing
        .filter(|path| !wanted.contains(path.as_str()))
        .map(|path| format!("{path}: nothing generates this file; remove it"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_nothing_generates_is_named() {
        let wanted = Generated::new("infra/xtask/openapi/redocly.yaml", String::new());
        let said = leftovers("infra/xtask/openapi", &[wanted]);
        assert_eq!(
            said,
            ["infra/xtask/openapi/spectral.yaml: nothing generates this file; remove it"]
        );
    }
}
