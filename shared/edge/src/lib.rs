//! The frame around every endpoint.
//!
//! An [`Endpoint`] says in constants and types what it is: its [`Route`], the [`Power`] that its handler holds, its input and
//! its output. Everything else reads them: the router of the local stack, authorization, the IAM policy and the routes in
//! template.yaml, the OpenAPI document and the contract test.
//!
//! Reading order: [`route`], [`endpoint`], [`power`], [`ctx`], [`input`], [`output`], [`frame`], [`lambda`].

pub mod auth;
pub mod clock;
pub mod ctx;
pub mod cursor;
pub mod endpoint;
pub mod frame;
pub mod idempotency;
pub mod input;
pub mod job;
pub mod lambda;
pub mod openapi;
pub mod output;
pub mod power;
pub mod problem;
pub mod request;
pub mod route;
pub mod services;
pub mod signers;
pub mod telemetry;

pub use ctx::Ctx;
pub use endpoint::{Endpoint, Operation, operation};
pub use input::{Json, Limit, Paging, Path, Query};
pub use job::{Delivery, Job, Task, Trigger, task};
pub use lambda::{Exit, run, run_job};
pub use output::{Accepted, Created, CreatedOrExisting, Delivered, Found, Made, NoContent, Redacted};
pub use power::{Grant, Power};
pub use request::{Request, Response};
pub use route::{Access, Route, Verb, delete, get, patch, post, put};
pub use services::{Services, Settings};
pub use slipway_domain::{Error, Result, Scope};
