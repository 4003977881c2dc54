//! Endpoints of API tokens: one file each.

mod create;
mod list;
mod revoke;

pub use create::TokenCreate;
pub use list::TokenList;
pub use revoke::TokenRevoke;
