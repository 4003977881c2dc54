//! What the functions printed, kept for whoever looks for a reason.

use super::Deployment;
use crate::exec::capture;
use crate::failure::{Failure, Result};

/// What functions that failed printed last.
#[derive(Default)]
pub struct FailedFunctions(String);

/// Writes a file for each log group, and gives the last lines of those that have an error.
pub fn keep(deployment: &Deployment) -> Result<FailedFunctions> {
    let mut command = deployment.python("function_logs.py");
    command.arg(deployment.directory.join("logs"));
    capture(&mut command).map(FailedFunctions)
}

impl FailedFunctions {
    /// `failure`, and what the functions said.
    pub fn explain(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Wrong(said) if !self.0.is_empty() => {
                Failure::Wrong(format!("{said}\nfunctions that failed said\n{}", self.0))
            }
            failure => failure,
        }
    }
}
