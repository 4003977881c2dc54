//! The command `slipway` as its users run it: a process of its own, with a local stack as the
//! vendor's Slipway.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has to say so at once"
)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests ask the machine for its clock and environment, and measure"
)]

mod certificates;
mod configuration;
mod contradictions;
mod decision_requests;
mod decisions;
mod http_semantics;
mod incomplete;
mod isolation;
mod kills;
mod mirror;
mod namespace;
mod own_certificate;
mod proxying;
mod readers;
mod recovery;
mod refusals;
mod reports;
mod server;
mod serving;
mod syncing;
mod tampering_proxy;
mod trickling;
mod vendor;
mod verifying;
mod verifying_bundles;
