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
    /// Its memory and time.
    pub size: FunctionSize,
    /// What its parts may do.
    pub statements: Vec<Statement>,
}

/// What starts a function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A request to the API.
    Request {
        /// In upper case: the operation's own, then HEAD, where that is GET.
        methods: Vec<String>,
        /// With its parameters in braces.
        path: String,
    },
    /// A request that no route takes.
    DefaultRoute,
    /// An object that arrived in the bucket.
    ObjectCreated {
        /// How its key begins.
        prefix: String,
    },
    /// Rows that were inserted into the table.
    RowsInserted {
        /// How their partition keys may begin.
        prefixes: Vec<String>,
        /// For how long they are collected.
        window: BatchWindow,
    },
    /// A message of the dispatcher about such rows.
    RowsDispatched {
        /// How their partition keys begin.
        prefix: String,
    },
    /// A message of another function.
    Message,
    /// The clock.
    Schedule {
        /// Every so many minutes.
        minutes: u32,
    },
}

/// For how long inserted rows are collected, at most 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchWindow {
    /// As long as the deployment says.
    Deployment,
    /// One second.
    OneSecond,
}

/// Memory and time of a function: `slipway_edge::FunctionSize`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct FunctionSize {
    /// Memory in MB.
    pub memory_mb: u32,
    /// Timeout in seconds.
    pub timeout_seconds: u32,
}

/// One statement of a function's policy: `slipway_edge::iam::Statement`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Statement {
    /// Its name, unique in a policy.
    pub sid: String,
    /// The actions.
    pub actions: Vec<String>,
    /// What they are allowed on.
    pub resources: Vec<Resource>,
    /// When they are allowed: all of these have to hold.
    pub conditions: Vec<Condition>,
}

/// A resource of the deployment: `slipway_edge::iam::Resource`, and those of event sources.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resource {
    /// The table.
    Table,
    /// The indexes of the table.
    Indexes,
    /// The bucket.
    Bucket,
    /// The objects below `incoming/`.
    Incoming,
    /// The objects below `artifacts/`.
    Artifacts,
    /// The objects below `snapshots/`.
    Snapshots,
    /// The KMS key that seals seeds.
    EnvelopeKey,
    /// Every KMS key of the account and region.
    AnyKmsKey,
    /// The parameters of integrations in SSM's Parameter Store.
    IntegrationParameters,
    /// The secrets of integrations as parameters in SSM's Parameter Store.
    IntegrationSecretReferences,
    /// The secrets of integrations in Secrets Manager.
    IntegrationSecrets,
    /// The function of the job of this name.
    Function(String),
    /// The stream of the table.
    #[serde(skip)]
    Stream,
    /// The queue of events on which functions have failed.
    #[serde(skip)]
    Failures,
    /// Whatever there is: for actions that know no narrower resource.
    #[serde(skip)]
    Anything,
}

/// A condition of a statement: `slipway_edge::iam::Condition`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Condition {
    /// The operator.
    pub operator: String,
    /// The condition key.
    pub key: String,
    /// The values, one of which it has to be.
    pub values: Vec<String>,
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
        !matches!(self.cause, Trigger::Request { .. } | Trigger::DefaultRoute)
    }

    /// Whether it may touch objects of the bucket.
    pub fn touches_objects(&self) -> bool {
        let resources = self.statements.iter().flat_map(|statement| &statement.resources);
        resources.into_iter().any(|one| {
            matches!(
                one,
                Resource::Bucket | Resource::Incoming | Resource::Artifacts | Resource::Snapshots
            )
        })
    }

    /// Whether it starts the job `op`.
    pub fn invokes(&self, op: &str) -> bool {
        let resources = self.statements.iter().flat_map(|statement| &statement.resources);
        resources.into_iter().any(|one| matches!(one, Resource::Function(job) if job == op))
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
    fn a_function_is_read_with_its_cause_size_and_statements() {
        let text = r#"{"op": "health", "cause": {"request": {"methods": ["GET", "HEAD"], "path": "/health"}},
            "size": {"memory_mb": 256, "timeout_seconds": 10}, "statements": [{"sid": "ReadCatalog",
            "actions": ["dynamodb:GetItem"], "resources": ["table"], "conditions": []}]}"#;
        let lambda: Lambda = serde_json::from_str(text).unwrap();
        assert_eq!(
            lambda.cause,
            Trigger::Request {
                methods: vec!["GET".to_owned(), "HEAD".to_owned()],
                path: "/health".to_owned()
            }
        );
        assert_eq!(lambda.statements[0].resources, [Resource::Table]);
    }

    #[test]
    fn a_resource_that_the_template_does_not_know_is_refused_by_name() {
        let error = serde_json::from_str::<Resource>(r#""everything""#).unwrap_err();
        assert!(error.to_string().contains("unknown variant `everything`"), "{error}");
    }
}
