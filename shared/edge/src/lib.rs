//! The frame around every endpoint.
//!
//! An [`Endpoint`] says in constants and types what it is: its [`Route`], the [`Capabilities`] that
//! its handler holds, its input and its output. Everything else reads them: the router of the local
//! stack, authorization, the IAM policy and the routes in template.yaml, the OpenAPI document and
//! the contract test.
//!
//! Reading order: [`route`], [`endpoint`], [`capabilities`], [`ctx`], [`input`], [`output`],
//! [`paging`], [`frame`], [`lambda`]. Files use only what stands below them: `openapi` the
//! `endpoint`, that `input` and `output`, those `describe`, `decode` and `paging`.

pub mod after_response;
mod artifact_store;
pub mod auth;
mod authenticator;
pub mod caching;
pub mod capabilities;
pub mod clock;
pub mod ctx;
pub mod deadline;
mod decode;
pub mod default_route;
pub mod deployment_setting;
pub mod describe;
pub mod dispatch;
pub mod documentation;
pub mod endpoint;
pub mod error;
mod extension;
pub mod external;
pub mod frame;
pub mod function_size;
pub mod iam;
pub mod idempotency;
pub mod input;
mod integration_secrets;
mod integration_webhooks;
pub mod job;
pub mod job_invoker;
pub mod json;
pub mod lambda;
pub mod media_type;
mod needed_clients;
pub mod openapi;
mod operators;
pub mod output;
pub mod paging;
pub mod payload;
pub mod permissions;
pub mod presign_lifetime;
pub mod problem;
mod registries;
mod registry_access;
pub mod request;
pub mod route;
pub mod services;
pub mod signers;
pub mod signing_keys;
pub mod telemetry;
mod time_limit;
pub mod trusted_issuers;
mod webhook_seals;

pub use after_response::{AfterResponse, DynAfterResponse, after_response};
pub use artifact_store::ArtifactStore;
pub use authenticator::Authenticator;
pub use capabilities::{Capabilities, CapabilitySet};
pub use ctx::Ctx;
pub use deadline::{Deadline, Invocation};
pub use dispatch::{BatchMode, DispatchedRows, JobDispatcher};
pub use endpoint::{Endpoint, Operation, operation};
pub use error::{ErrorCode, HttpCode, RequestError};
pub use external::ExternalAccess;
pub use function_size::FunctionSize;
pub use input::body_digest::BodyDigest;
pub use input::path::Path;
pub use input::query::{Filtered, Query};
pub use input::source_network::SourceNetwork;
pub use integration_webhooks::integration_webhooks;
pub use job::{DynJob, Job, Trigger, job};
pub use job_invoker::{InvocableJob, JobInvoker};
pub use json::Json;
pub use lambda::{Exit, run, run_default_route, run_job};
pub use operators::OperatorSettings;
pub use output::accepted::{CompletedOrAccepted, CreateOutcome};
pub use output::created::{Created, CreatedOrExisting, CreatedWithSecret};
pub use output::document::{StaticDocument, StoredDocument};
pub use output::expiring::Expiring;
pub use output::found::Found;
pub use output::issued::Issued;
pub use output::json_or_text::JsonOrText;
pub use output::linked_array::LinkedArray;
pub use output::no_content::NoContent;
pub use output::sign_off::MadeOrWaiting;
pub use paging::Paging;
pub use paging::cursor_page::CursorPage;
pub use paging::numbered::{NumberedPage, NumberedPaging};
pub use permissions::{Grant, PartGrants, Permissions};
pub use registry_access::{RegistryAccess, internal_host};
pub use request::{Request, Response};
pub use route::{Authorization, HttpMethod, Route, delete, get, patch, post, put};
pub use services::{Services, Settings};
pub use slipway_domain::{Error, Result, Scope};
pub use slipway_oidc::IssuerUrl;
pub use time_limit::TimeLimit;
pub use trusted_issuers::TrustedIssuerSettings;
