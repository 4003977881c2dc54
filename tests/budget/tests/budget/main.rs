//! What every operation costs at AWS, held against docs/COSTS.md. `UPDATE_BUDGETS=1` writes that
//! file anew.
#![recursion_limit = "256"] // The layout of the future that calls every operation is deep.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has to say so at once"
)]

mod access_patterns;
mod audit_log;
mod budget_world;
mod bundles;
mod catalogs;
mod channels;
mod child;
mod components;
mod environments;
mod follows;
mod generation;
mod histories;
mod instructions;
mod integrations;
mod levels;
mod lists;
mod memory;
mod operations;
mod outcomes;
mod policies;
mod prices;
mod promises;
mod promotions;
mod recorder;
mod release_uploads;
mod rollouts;
mod sign_off;
mod simulations;
mod snapshots;
mod stepping_stones;
mod table;
mod trust_rules;
mod webhooks;
