//! `template.yaml`, as SAM reads it and as CloudFormation will.

use crate::exec::{program, quiet};
use crate::failure::Result;
use crate::paths;
use crate::tools::python::LINTERS;

/// SAM's own check, then cfn-lint and parliament on the transformed template: they see resources
/// and statements that SAM makes.
pub fn run() -> Result<String> {
    let transformed = paths::target().join("template.transformed.json");
    quiet(
        program(LINTERS.script("sam")?)
            .args(["validate", "--lint"])
            .env("__SAM_CLI_APP_DIR", paths::tools().join("sam")),
    )?;
    let said = quiet(
        program(LINTERS.script("python")?)
            .args(["infra/xtask/python/transform.py", "template.yaml"])
            .arg(&transformed),
    )?;
    quiet(
        program(LINTERS.script("cfn-lint")?)
            .arg("--non-zero-exit-code")
            .arg("informational")
            .arg(&transformed),
    )?;
    let statements = quiet(
        program(LINTERS.script("python")?)
            .args(["-W", "ignore", "infra/xtask/python/iam.py"])
            .arg(&transformed),
    )?;
    Ok([said.trim_end(), statements.trim_end()].join(", "))
}
