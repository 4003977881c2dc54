//! `/v1/me`

mod get;
pub mod get_operator;
mod get_slow_issuer;
