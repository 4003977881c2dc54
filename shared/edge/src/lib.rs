//! The frame around every endpoint.
//!
//! An [`Endpoint`] says in constants and types what it is: its [`Route`], the [`Capabilities`] that
//! its handler holds, its input and its output. Everything else reads them: the router of the local
//! stack, authorization, the IAM policy and the routes in template.yaml, the OpenAPI document and
//! the contract test.
//!
//! Reading order: [`route`], [`endpoint`], [`capabilities`], [`ctx`], [`input`], [`output`],
//! [`frame`], [`lambda`].

pub mod auth;
pub mod capabilities;
pub mod clock;
pub mod ctx;
pub mod cursor;
pub mod documentation;
pub mod endpoint;
pub mod frame;
pub mod function_size;
pub mod iam;
pub mod idempotency;
pub mod input;
pub mod job;
pub mod lambda;
pub mod openapi;
pub mod output;
pub mod permissions;
pub mod problem;
pub mod request;
pub mod route;
pub mod services;
pub mod signers;
pub mod signing_keys;
pub mod telemetry;

pub use capabilities::{Capabilities, CapabilitySet};
pub use ctx::Ctx;
pub use endpoint::{Endpoint, Operation, operation};
pub use function_size::FunctionSize;
pub use input::{Json, Limit, Paging, Path, Query};
pub use job::{BatchMode, DynJob, Job, Trigger, job};
pub use lambda::{Exit, run, run_job};
pub use output::{
    CompletedOrAccepted, CreateOutcome, Created, CreatedOrExisting, CreatedWithSecret, Found,
    NoContent, StoredDocument,
};
pub use permissions::{Grant, Permissions};
pub use request::{Request, Response};
pub use route::{Authorization, HttpMethod, Route, delete, get, patch, post, put};
pub use services::{Services, Settings};
pub use slipway_domain::{Error, Result, Scope};
