//! AWS SDK clients that start fast, and a [`Meter`] that counts what a request costs.

mod clients;
mod deadlines;
mod meter;
mod object_store;
mod parameters;
mod redirected;
mod unavailable;

pub use clients::{Clients, Local, SdkConfig, lambda_client};
pub use meter::{Cost, Meter};
pub use object_store::ObjectStore;
pub use parameters::{ParameterError, read_parameter};
pub use unavailable::is_unavailable;
