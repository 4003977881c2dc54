//! `/v1/tokens`

mod create;
mod exchange;
mod exchange_actor;
mod exchange_hostile;
mod list;
mod revoke;
