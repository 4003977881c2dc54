//! Endpoints of API tokens: one file each.

mod create;
mod exchange;
mod list;
mod revoke;

pub use create::TokenCreate;
pub use exchange::TokenExchange;
pub use list::TokenList;
pub use revoke::TokenRevoke;

use slipway_edge::{Operation, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<TokenCreate>(),
        operation::<TokenList>(),
        operation::<TokenRevoke>(),
        operation::<TokenExchange>(),
    ]
}
