//! `/v1/keys`

mod list;
