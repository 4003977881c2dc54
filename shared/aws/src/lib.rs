//! AWS SDK clients that start fast, and a [`Meter`] that counts what a request costs.

mod clients;
mod meter;
mod redirected;

pub use clients::{Clients, Local, SdkConfig, lambda_client};
pub use meter::{Cost, Meter};
