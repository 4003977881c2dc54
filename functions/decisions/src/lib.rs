//! The endpoint that installed clients ask.

mod decide;

pub use decide::Decide;
