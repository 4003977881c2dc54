//! `template.yaml`, as SAM reads it and as CloudFormation will.

use super::report::Coverage;
use crate::exec::{capture, program};
use crate::failure::Result;
use crate::paths;
use crate::tools::ToolPolicy;
use crate::tools::python::LINTERS;

/// SAM's own check, then cfn-lint and parliament on the transformed template: they see resources
/// and statements that SAM makes.
pub fn run(tools: ToolPolicy) -> Result<Coverage> {
    let transformed = paths::target().join("template.transformed.json");
    let python = LINTERS.script("python", tools)?;
    capture(
        program(LINTERS.script("sam", tools)?)
            .args(["validate", "--lint"])
            .env("__SAM_CLI_APP_DIR", paths::tools().join("sam")),
    )?;
    let resources = capture(
        program(&python)
            .args(["infra/xtask/python/transform.py", "template.yaml"])
            .arg(&transformed),
    )?;
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
