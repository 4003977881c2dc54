//! The API over HTTP, against a real local stack. A folder for each package of functions, with a
//! file for each operation; what holds for every operation is in `every_operation`.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on has to say so at once"
)]

mod approvals;
mod artifacts;
mod assertions;
mod audit;
mod bundles;
mod channels;
mod components;
mod decisions;
mod environments;
mod every_operation;
mod integrations;
mod keys;
mod mirrors;
mod policies;
mod principals;
mod products;
mod promotions;
mod releases;
mod service;
mod snapshots;
mod tenants;
mod tokens;
mod trust;
mod uploads;
mod webhooks;
