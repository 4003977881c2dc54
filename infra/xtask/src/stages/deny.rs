//! What the dependencies may be, and that they are used.

use crate::exec::{program, quiet};
use crate::failure::{Failure, Result};
use crate::tools::cargo_tool::{CARGO_DENY, CARGO_MACHETE};

/// `deny.toml`. The advisories are a git repository, which a closed network does not reach; then
/// the rest is checked, and the summary says so.
pub fn deny() -> Result<String> {
    let deny = CARGO_DENY.installed()?;
    quiet(program(&deny).args([
        "--locked",
        "check",
        "--hide-inclusion-graph",
        "bans",
        "licenses",
        "sources",
    ]))?;
    match quiet(program(&deny).args(["--locked", "check", "--hide-inclusion-graph", "advisories"]))
    {
        Ok(_) => Ok(String::new()),
        Err(Failure::Wrong(said)) if said.contains("failed to fetch advisory database") => {
            Ok("licences, bans and sources only: the advisory database could not be fetched"
                .to_owned())
        }
        Err(failure) => Err(failure),
    }
}

/// Dependencies that a package names and does not use.
pub fn unused() -> Result<String> {
    let machete = CARGO_MACHETE.installed()?;
    quiet(
        program(machete).args(
            ["cli", "functions", "infra", "shared", "tests"]
                .iter()
                .filter(|directory| is_here(directory)),
        ),
    )
    .map(|_| String::new())
}

/// Whether the workspace has `directory`.
fn is_here(directory: &str) -> bool {
    crate::paths::root().join(directory).is_dir()
}
