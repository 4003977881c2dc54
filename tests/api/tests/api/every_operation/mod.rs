//! What holds for every operation, or for many of them.
//!
//! Each operation has its cases of authorization here, because they follow from its route: without
//! a credential and with a wrong scope in `auth`, of each role in `roles`, for another tenant or
//! product in `foreign`, on another channel in `other_channel`, which fails where an operation is
//! not listed.

pub mod auth;
mod bad_input;
mod bad_query;
mod bound;
mod bound_lists;
mod etags;
mod expired_replays;
mod faults;
mod foreign;
mod frame;
mod head;
mod idempotency;
mod json_words;
mod layout;
mod other_channel;
mod paging;
mod rendering;
mod right_values;
mod roles;
mod taken_away;
mod tenant_bound;
mod unchanged;
mod visibility;
