//! `cargo xtask openapi`: writes `docs/openapi.json`.

use super::{Command, Generator, write};
use crate::description::Description;
use crate::failure::{Failure, Result};
use crate::generated::Generated;

/// The command.
pub const COMMAND: Command = Command {
    name: "openapi",
    about: "write docs/openapi.json from the routes",
    run: |_| write(&GENERATOR),
};

/// What it writes.
pub const GENERATOR: Generator = Generator { command: "openapi", directory: None, generate };

/// The document.
fn generate(description: &Description) -> Result<Vec<Generated>> {
    let text = serde_json::to_string_pretty(&description.openapi).map_err(Failure::wrong)?;
    Ok(vec![Generated::new("docs/openapi.json", text + "\n")])
}
