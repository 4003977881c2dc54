//! Slipway's API, as a mirror asks for it: typed calls over `slipway-outbound`.

mod api;
mod errors;

pub use self::api::{AGENT, Client, Patience, backoff, fetch_policy};
