//! The local gateway, as clients meet it that are slow, large or many. They speak through sockets:
//! client libraries would be too well-behaved.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests, which clippy does not take for tests"
)]

mod limits;
mod listening;
mod patience;
mod support;
