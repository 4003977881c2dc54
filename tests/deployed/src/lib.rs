//! The deployed stack, as tests see it. The stage `deployed` deploys it and says where it is;
//! without it the tests of this package say that they are skipped.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test that can't go on ends"
)]

mod api;
mod stack;

pub use api::{Answer, Api};
pub use stack::Stack;
