//! The deployed stack, as tests see it. The stage `deployed` deploys it and says where it is;
//! without it the tests of this package say that they are skipped.

mod api;
mod stack;

pub use api::{Answer, Api};
pub use stack::Stack;
