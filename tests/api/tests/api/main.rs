//! Every operation of the API over HTTP: a module for each part of the URL space, and one for each
//! promise that they share.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on has to say so at once"
)]

mod artifacts;
mod assertions;
mod auth;
mod bad_input;
mod bound;
mod decision;
mod etags;
mod faults;
mod idempotency;
mod keys;
mod mirrors;
mod paging;
mod products;
mod releases;
mod service;
mod snapshots;
mod tenants;
mod tokens;
mod uploads;

use std::collections::BTreeSet;

/// The operations that the modules show at work.
const EXERCISED: [&[&str]; 11] = [
    artifacts::OPS,
    decision::OPS,
    keys::OPS,
    mirrors::OPS,
    products::OPS,
    releases::OPS,
    service::OPS,
    snapshots::OPS,
    tenants::OPS,
    tokens::OPS,
    uploads::OPS,
];

#[test]
fn every_operation_of_the_registry_is_exercised_and_no_other_is_claimed() {
    let exercised: BTreeSet<&str> = EXERCISED.concat().into_iter().collect();
    let registered: BTreeSet<&str> =
        slipway_registry::operations().iter().map(|operation| operation.route().op).collect();
    let missing: Vec<_> = registered.difference(&exercised).collect();
    let gone: Vec<_> = exercised.difference(&registered).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "without a test: {missing:?}; no longer there: {gone:?}"
    );
}
