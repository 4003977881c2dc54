//! `template.yaml`, as SAM reads it and as CloudFormation will.

use std::path::{Path, PathBuf};

use super::report::Coverage;
use crate::exec::{capture, program};
use crate::failure::{Failure, Result};
use crate::paths;
use crate::template::limits;
use crate::tools::ToolPolicy;
use crate::tools::python::LINTERS;

/// SAM's own check, then cfn-lint and parliament on the transformed template: they see resources
/// and statements that SAM makes.
pub fn run(tools: ToolPolicy) -> Result<Coverage> {
    let python = LINTERS.script("python", tools)?;
    capture(
        program(LINTERS.script("sam", tools)?)
            .args(["validate", "--lint"])
            .env("__SAM_CLI_APP_DIR", paths::tools().join("sam")),
    )?;
    let (transformed, resources) = transform(&python)?;
    hold_limits(&transformed)?;
    capture(
        program(LINTERS.script("cfn-lint", tools)?)
            .arg("--non-zero-exit-code")
            .arg("informational")
            .arg(&transformed),
    )?;
    let statements = capture(
        program(python).args(["-W", "ignore", "infra/xtask/python/iam.py"]).arg(&transformed),
    )?;
    Ok(Coverage::Full([resources.trim_end(), statements.trim_end()].join(", ")))
}

/// Fails where the template in the file `transformed` is beyond what AWS takes.
fn hold_limits(transformed: &Path) -> Result<()> {
    let text = std::fs::read(transformed).map_err(|error| Failure::at(transformed, error))?;
    let template = serde_json::from_slice(&text).map_err(Failure::wrong)?;
    let exceeded = limits::exceeded(&template);
    if exceeded.is_empty() { Ok(()) } else { Err(Failure::Wrong(exceeded.join("\n"))) }
}

/// Writes the template as CloudFormation transforms it, and says how many resources it has.
pub fn transform(python: &Path) -> Result<(PathBuf, String)> {
    let transformed = paths::target().join("template.transformed.json");
    let mut command = program(python);
    command.args(["infra/xtask/python/transform.py", "template.yaml"]).arg(&transformed);
    let resources = capture(&mut command)?;
    Ok((transformed, resources))
}
