//! The local stack: the handlers of the Lambda functions, over embedded DynamoDB and S3 that they
//! reach through the AWS SDK.
//!
//! What AWS does around the functions is done here: [`gateway`] is API Gateway, [`lambda`] is what
//! functions call of Lambda, [`events`] is what starts jobs, [`engines`] are DynamoDB and S3, [`data`] is what the template and its
//! deployer set up. There is no business logic. [`cli`] is the command around it.

pub mod artifact_storage;
pub mod cli;
pub mod config;
mod config_error;
pub mod data;
pub mod engines;
pub mod events;
pub mod gateway;
pub mod lambda;
pub mod public_url;
pub mod server;
pub mod stack;
mod store_check;

pub use stack::{Options, Stack};

/// Why the stack can't start.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
