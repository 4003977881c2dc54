//! AWS SDK clients that start fast, and a [`Meter`] that counts what a request costs.

mod clients;
mod deadlines;
mod function_environment;
mod http;
mod lazy_client;
mod meter;
mod object_store;
mod parameters;
mod redirected;
mod unavailable;

pub use clients::{Clients, Local, SdkConfig};
pub use http::amazon_http_client;
pub use lazy_client::LazyClient;
pub use meter::{Cost, Meter};
pub use object_store::ObjectStore;
pub use parameters::{ParameterError, read_parameter};
pub use unavailable::is_unavailable;
