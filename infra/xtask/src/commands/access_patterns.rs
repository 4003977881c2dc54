//! `cargo xtask access-patterns`: writes `docs/ACCESS-PATTERNS.md`.

use super::{Command, Generator, write};
use crate::failure::{Failure, Result};
use crate::generated::Generated;
use crate::paths;

/// The command.
pub const COMMAND: Command = Command {
    name: "access-patterns",
    about: "write docs/ACCESS-PATTERNS.md from the schema's table",
    run: |_| write(&GENERATOR),
};

/// What it writes.
pub const GENERATOR: Generator =
    Generator { command: "access-patterns", directory: None, generate: |_| generate() };

/// Where the one table of access patterns is.
const SCHEMA: &str = "shared/catalog/src/schema/mod.rs";

/// What stands above the table.
const HEAD: &str = "\
<!-- written by `cargo xtask access-patterns` from shared/catalog/src/schema/mod.rs: do not edit -->
# Access patterns

Everything that is ever asked of the table, with the request it takes. There is no Scan. What an operation costs in all is in [COSTS.md](COSTS.md).

";

/// The page.
fn generate() -> Result<Vec<Generated>> {
    let path = paths::root().join(SCHEMA);
    let schema = std::fs::read_to_string(&path).map_err(|error| Failure::at(&path, error))?;
    Ok(vec![Generated::new("docs/ACCESS-PATTERNS.md", format!("{HEAD}{}", table(&schema)?))])
}

/// The table in the documentation of a module.
fn table(source: &str) -> Result<String> {
    let rows: Vec<_> = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! "))
        .filter(|line| line.starts_with('|'))
        .collect();
    if rows.is_empty() {
        Err(Failure::Wrong(format!("{SCHEMA} has no table of access patterns")))
    } else {
        Ok(rows.join("\n") + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_of_the_modules_documentation_are_the_table() {
        assert_eq!(
            table("//! Keys.\n//!\n//! | a | b |\n//! |---|---|\n\n/// | no |\nfn f() {}\n")
                .unwrap(),
            "| a | b |\n|---|---|\n"
        );
        assert!(table("//! Keys.\n").is_err());
    }
}
