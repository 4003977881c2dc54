//! `docs/openapi.json`, as two linters read it.

use super::report::Coverage;
use crate::exec::{capture, program};
use crate::failure::Result;
use crate::tools::npm;

/// The document that they read.
const DOCUMENT: &str = "docs/openapi.json";

/// Runs both.
pub fn run() -> Result<Coverage> {
    capture(program(npm::script("redocly")?).args([
        "lint",
        "--config",
        "infra/xtask/openapi/redocly.yaml",
        DOCUMENT,
    ]))?;
    capture(program(npm::script("spectral")?).args([
        "lint",
        "--ruleset",
        "infra/xtask/openapi/spectral.yaml",
        "--fail-severity",
        "warn",
        DOCUMENT,
    ]))?;
    Ok(Coverage::full())
}
