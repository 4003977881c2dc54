//! What the dependencies may be, and that they are used.

use std::path::Path;

use super::report::Coverage;
use crate::exec::{capture, program};
use crate::failure::{Failure, Result};
use crate::tools::ToolPolicy;
use crate::tools::cargo_tool::{CARGO_DENY, CARGO_MACHETE};

/// What holds for a commit whenever it is tested.
const PROPERTIES: &[&str] = &["bans", "licenses", "sources"];

/// `deny.toml`. The advisories are a git repository, which a closed network does not reach; then
/// the rest is checked, and the summary says so. That is no gap in what is known of the commit: an
/// advisory is news of the day.
pub fn deny() -> Result<Coverage> {
    let deny = CARGO_DENY.path(ToolPolicy::Install)?;
    check(&deny, PROPERTIES)?;
    match check(&deny, &["advisories"]) {
        Ok(()) => Ok(Coverage::full()),
        Err(Failure::Wrong(said)) if said.contains("failed to fetch advisory database") => {
            Ok(Coverage::Full(
                "licences, bans and sources only: the advisory database could not be fetched"
                    .to_owned(),
            ))
        }
        Err(failure) => Err(failure),
    }
}

/// `cargo deny check` of `subjects`.
fn check(deny: &Path, subjects: &[&str]) -> Result<()> {
    let mut command = program(deny);
    command.args(["--locked", "check", "--hide-inclusion-graph"]).args(subjects);
    capture(&mut command).map(|_| ())
}

/// Dependencies that a package names and does not use.
pub fn unused(tools: ToolPolicy) -> Result<Coverage> {
    let mut command = program(CARGO_MACHETE.path(tools)?);
    command.args(["cli", "functions", "infra", "shared", "tests"].iter().filter(|directory| {
        // A part that a fork has removed.
        crate::paths::root().join(directory).is_dir()
    }));
    capture(&mut command).map(|_| Coverage::full())
}
