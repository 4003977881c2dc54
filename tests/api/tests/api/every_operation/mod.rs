//! What holds for every operation, or for many of them.

pub mod auth;
mod bad_input;
mod bound;
mod bound_lists;
mod etags;
mod faults;
mod foreign;
mod frame;
mod head;
mod idempotency;
mod json_words;
mod layout;
mod paging;
mod rendering;
mod tenant_bound;
mod visibility;
