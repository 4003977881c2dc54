//! The endpoint of public keys.

mod list;

pub use list::KeyList;
