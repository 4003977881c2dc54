//! What the functions printed, kept for whoever looks for a reason.

use super::Deployment;
use crate::exec::capture;
use crate::failure::Result;

/// Writes a file for each log group, and gives the lines of functions that failed; none, if none
/// has.
pub fn keep(deployment: &Deployment) -> Result<String> {
    let mut command = deployment.python("function_logs.py");
    command.arg(deployment.directory.join("logs"));
    let failed = capture(&mut command)?;
    Ok(if failed.is_empty() { failed } else { format!("functions that failed said\n{failed}") })
}
