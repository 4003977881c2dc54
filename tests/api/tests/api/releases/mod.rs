//! `/v1/releases`

mod artifact_add;
mod artifact_add_uploaded;
mod artifact_presign;
mod artifacts;
mod create;
mod create_halt_on;
mod create_open_channels;
mod create_product_name;
mod create_upgrade_path;
mod delete;
mod get;
mod health;
mod health_offered;
mod history;
mod list;
mod promote;
mod publish;
mod revoke;
mod rollout;
mod rollout_input;
mod rollout_steps;
mod update;

/// What every release has.
pub const MEMBERS: &[&str] = &[
    "release_id",
    "product_id",
    "version",
    "channel",
    "status",
    "artifacts",
    "metadata",
    "rollout",
    "required",
    "min_current_version",
    "halt_on",
    "halted",
    "created_at",
    "created_by",
    "published_at",
    "promoted_from",
];
