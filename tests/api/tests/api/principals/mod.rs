//! `/v1/me`

mod get;
mod get_operator;
