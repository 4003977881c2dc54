//! The catalog on DynamoDB.
//!
//! One table; [`schema`] has all key text. [`Reader`] reads, [`Writer`]
//! also writes: which of them a function holds decides its IAM policy. Each entity's rows are
//! written in one file of this crate, as one transaction with the audit event (and, where the
//! content that clients get changes, an outbox row).
//!
//! Every row is `PK`, `SK`, `doc` (the entity as JSON, in the form that `rows` has for it), `rev`
//! (rises with each change) and the keys of the indexes it is listed in. A writer names the `rev`
//! it has seen; another one has come in between if it differs.

mod adoption;
mod adoption_tally;
mod approval_effects;
mod approval_evaluation;
mod approval_votes;
mod approvals;
mod artifacts;
mod audit;
mod audit_log;
mod audited;
mod authorization;
mod authorized_revision;
mod bundle_changes;
mod bundle_components;
mod bundle_health;
mod bundle_registries;
mod bundles;
mod catalog_overlay;
mod channel_follows;
mod channel_heads;
mod channel_list;
mod channel_overviews;
mod component_sources;
mod component_uses;
mod components;
mod decision_cache;
mod decision_group;
mod decision_lookups;
mod decisions;
mod environments;
mod halting;
mod idempotency;
mod integrations;
mod keys;
mod list_members;
mod live_releases;
mod mirrors;
mod numbered_list;
mod open_channels;
mod outbox;
mod outcomes;
mod policies;
mod products;
mod promotion_steps;
mod promotions;
mod proposed_changes;
mod release_changes;
mod release_creation;
mod release_drafts;
mod release_history;
mod release_index;
mod release_lists;
mod release_rollouts;
mod release_uploads;
mod releases;
mod required_releases;
mod revocation;
mod rows;
pub mod schema;
mod setup;
mod sign_off;
mod snapshot_config;
mod snapshots;
mod stale_replays;
mod store;
mod stream_uses;
mod tenants;
mod token_bindings;
mod token_exchange;
mod tokens;
mod trust_rules;
mod unique_names;
mod upload_events;
mod uploads;
mod version_map_additions;
mod version_map_selections;
mod version_maps;
mod webhook_queues;
mod webhooks;

pub use adoption::AdoptionRecorder;
pub use adoption_tally::AdoptionTally;
pub use approvals::{SignOff, SignOffContext};
pub use audit::AuditContext;
pub use bundle_changes::ResolvedComponents;
pub use bundle_health::{BundlePosition, BundlesInUse, CheckedImage, ImageChecks, judged};
pub use bundles::BundleFilter;
pub use component_uses::ComponentUses;
pub use decision_cache::DecisionCache;
pub use decision_group::DecisionGroup;
pub use decision_lookups::{LookupBudget, SearchOutcome};
pub use decisions::{DecisionExplainer, DecisionFacts, DecisionReader};
pub use halting::{HALT_CHECKS, HaltCheck};
pub use idempotency::{IdempotencyRecord, IdempotencyStore, IdempotentRequest, StoredResponse};
pub use numbered_list::{NumberedSlice, PageRange};
pub use outbox::{AUDIT_EVENTS, CHANGES, StreamEntity, StreamEvent, WORK};
pub use outcomes::{OutcomeRecorder, ReportEntropy};
pub use promotion_steps::PromotionRequest;
pub use promotions::PromotionFilter;
pub use proposed_changes::{DecisionSimulator, ProposalContext, SimulationSides};
pub use release_creation::{
    InitialStatus, MakeRelease, PublishOutcome, ReleaseCreation, ReleaseOrigin,
};
pub use release_rollouts::DueRollout;
pub use setup::{create_table, table_definition};
pub use snapshot_config::{ScheduleState, ScheduledTask};
pub use snapshots::AppendOutcome;
pub use store::retry::retry_contention;
pub use store::{Reader, StartKey, Stored, Table, Writer};
pub use stream_uses::{LapseOutcome, RecordOutcome};
pub use token_exchange::TokenExchanger;
pub use uploads::ProgressRecord;
pub use version_map_additions::{AdditionsEvent, SyncedTags, VERSION_MAPS_AT_ONCE};
pub use version_maps::VersionMapFilter;
pub use webhook_queues::{QueueLease, QueueState, WebhookQueue};
