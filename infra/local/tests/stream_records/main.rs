//! The stream of the engine's table, in the engine's file: what it costs, and what is kept.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests, which clippy does not take for tests"
)]

mod costs;
mod engine_file;
mod trimming;
