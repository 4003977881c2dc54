//! AWS SDK clients for functions that start cold, and a [`Meter`] of what a request costs.

mod clients;
mod meter;

pub use clients::{Clients, Local, SdkConfig};
pub use meter::{Cost, Meter};
