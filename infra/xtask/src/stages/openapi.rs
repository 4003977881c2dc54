//! `docs/openapi.json`, as two linters read it.

use crate::exec::{program, quiet};
use crate::failure::Result;
use crate::tools::npm;

/// The document that they read.
const DOCUMENT: &str = "docs/openapi.json";

/// Runs both.
pub fn run() -> Result<String> {
    quiet(program(npm::script("redocly")?).args([
        "lint",
        "--config",
        "infra/xtask/openapi/redocly.yaml",
        DOCUMENT,
    ]))?;
    quiet(program(npm::script("spectral")?).args([
        "lint",
        "--ruleset",
        "infra/xtask/openapi/spectral.yaml",
        "--fail-severity",
        "warn",
        DOCUMENT,
    ]))?;
    Ok(String::new())
}
