//! Every endpoint and job of the registry has all that belongs to it, nothing else has, and its
//! binary runs as Lambda would run it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on has to say so at once"
)]

mod after_response;
mod cold_start;
mod deadlines;
mod decision_memory;
mod dependencies;
mod deployer;
mod deployer_refusals;
mod documentation;
mod extension_api;
mod faulty_server;
mod functions;
mod invocation;
mod key_files;
mod runbooks;
mod runtime_api;
mod sets;
