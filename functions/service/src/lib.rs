//! Endpoints of the deployment itself.

mod health;
mod openapi;

pub use health::Health;
pub use openapi::OpenApi;
