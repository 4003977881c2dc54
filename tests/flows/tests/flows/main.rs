//! The main job from end to end, on real input.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't go on has to say so at once"
)]

mod audit;
mod channel_list;
mod child;
mod crashes;
mod deploying;
mod digest_health;
mod dispatching;
mod downloads;
mod durability;
mod external_stores;
mod faults;
mod halted;
mod halting;
mod integration_secrets;
mod interleaving;
mod keys;
mod kill_9;
mod legacy_heads;
mod lists;
mod memory;
mod network;
mod newcomer;
mod numbered_totals;
mod outcomes;
mod overtaken;
mod process;
mod promotion_histories;
mod promotions_at_once;
mod races;
mod registry_webhooks;
mod regulated;
mod release_uploads;
mod rollouts;
mod rows;
mod shell;
mod sign_off;
mod simulations;
mod snapshots;
mod table_stream;
mod uploads;
mod version_syncs;
mod webhooks;
