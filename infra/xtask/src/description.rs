//! What the registry says of the deployment. `slipway-describe` prints it as JSON: this program
//! depends on no function, so that it starts at once in a fresh clone, and tells what is wrong
//! where a function does not compile.

use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

use crate::exec::{capture, cargo, program, stdout};
use crate::failure::{Failure, Result};
use crate::paths;

/// Everything that generated files are made of.
#[derive(Debug, Deserialize)]
pub struct Description {
    /// The functions: the operations in the order of the registry, then the jobs.
    pub lambdas: Vec<Lambda>,
    /// The OpenAPI document.
    pub openapi: Value,
    /// The error codes in the order of the documentation.
    pub errors: Vec<ErrorCode>,
}

/// One Lambda function: one operation of the API, or one job.
#[derive(Debug, Clone, Deserialize)]
pub struct Lambda {
    /// The one name of the operation or job, such as `release-create`; its binary bears it.
    pub op: String,
    /// What starts it.
    pub cause: Trigger,
    /// What it may touch.
    pub grants: Vec<Grant>,
}

/// What starts a function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A request to the API.
    Request {
        /// In upper case.
        method: String,
        /// With its parameters in braces.
        path: String,
    },
    /// An object that arrived in the bucket.
    ObjectCreated {
        /// How its key begins.
        prefix: String,
    },
    /// Rows that were inserted into the table.
    RowsInserted {
        /// How their partition keys begin.
        prefix: String,
        /// How many make an event.
        delivery: BatchMode,
    },
    /// The clock.
    Schedule {
        /// Every so many minutes.
        minutes: u32,
    },
}

/// How many rows make an event: `slipway_edge::BatchMode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum BatchMode {
    /// Those of the batch window.
    Window,
    /// One.
    Single,
}

/// What a function may touch: `slipway_edge::Grant`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Grant {
    /// Read rows.
    ReadCatalog,
    /// Change rows.
    WriteCatalog,
    /// Take in uploads.
    ReceiveUploads,
    /// Verify and keep uploads.
    VerifyUploads,
    /// Hand out verified bytes.
    ServeArtifacts,
    /// Open the decision key.
    OpenDecisionKey,
    /// Store snapshots.
    WriteSnapshots,
    /// Hand out snapshots.
    ReadSnapshots,
    /// Delete snapshots.
    DeleteSnapshots,
    /// Sign snapshots.
    SignSnapshots,
}

/// One error code.
#[derive(Debug, Deserialize)]
pub struct ErrorCode {
    /// As the API writes it.
    pub code: String,
    /// The HTTP status that comes with it.
    pub status: u16,
    /// What it means.
    pub meaning: String,
}

impl Lambda {
    /// Whether an event starts it, and nobody waits.
    pub fn is_job(&self) -> bool {
        !matches!(self.cause, Trigger::Request { .. })
    }
}

/// The program that prints it.
const DESCRIBE: &str = "slipway-describe";

impl Description {
    /// Of the code as it is now, compiled if need be.
    pub fn fresh() -> Result<Self> {
        // With the whole workspace: alone, its dependencies would be compiled once more with fewer
        // features.
        capture(&mut cargo(&["build", "--quiet", "--workspace", "--bin", DESCRIBE]))?;
        Self::built()
    }

    /// Of the code as it was last built.
    pub fn built() -> Result<Self> {
        read(&mut program(paths::binary(DESCRIBE)))
    }
}

/// What `command` prints.
fn read(command: &mut Command) -> Result<Description> {
    serde_json::from_slice(&stdout(command)?)
        .map_err(|error| Failure::Wrong(format!("{DESCRIBE} prints something else: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_read_with_its_cause_and_grants() {
        let text = r#"{"op": "health", "cause": {"request": {"method": "GET", "path": "/health"}}, "grants": ["ReadCatalog"]}"#;
        let lambda: Lambda = serde_json::from_str(text).unwrap();
        assert_eq!(
            lambda.cause,
            Trigger::Request { method: "GET".to_owned(), path: "/health".to_owned() }
        );
        assert_eq!(lambda.grants, [Grant::ReadCatalog]);
    }

    #[test]
    fn a_grant_that_no_statement_stands_for_is_refused_by_name() {
        let text = r#"{"op": "health", "cause": {"object_created": {"prefix": "incoming/"}}, "grants": ["Everything"]}"#;
        let error = serde_json::from_str::<Lambda>(text).unwrap_err();
        assert!(error.to_string().contains("unknown variant `Everything`"), "{error}");
    }
}
