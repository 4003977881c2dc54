//! Laws of what decides, for all inputs: checked against models that are too simple to be wrong.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that can't go on has to say so at once"
)]

mod answer_size;
mod approval;
mod artifact;
mod bundle_changes;
mod bundle_health;
mod canonical;
mod catalog;
mod channel_follows;
mod decision;
mod head;
mod history;
mod model;
mod mutations;
mod policy;
mod policy_levels;
mod promotions;
mod recorded;
mod release_bundle;
mod rollout;
mod snapshot_catalog;
mod stepping_stones;
mod version_sync;
