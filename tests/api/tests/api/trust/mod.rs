//! `/v1/trust-rules`

mod create;
mod delete;
mod get;
mod list;
