//! The origin: the vendor's Slipway, and where it sends its mirrors for bytes.

mod allowed;
mod api;
mod client;
mod patience;
mod tls;

pub use self::allowed::Allowed;
pub use self::client::{AGENT, Answer, Client};
pub use self::patience::Patience;
