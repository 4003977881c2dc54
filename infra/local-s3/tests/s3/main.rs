//! What the functions and the users rely on, driven through the SDK the functions use and through
//! plain HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the helpers of tests, which clippy does not take for tests"
)]

mod buckets;
mod copy;
mod delete;
mod durability;
mod events;
mod get;
mod listing;
mod multipart;
mod parts;
mod presigned;
mod put;
mod raw;
mod signing;
mod support;
