//! `/v1/products`

mod activity;
mod adoption;
mod create;
mod get;
mod list;
mod release_latest;
mod releases;
mod update;
mod update_channel_follows;
mod update_channel_sign_off;

/// What every product has.
pub const MEMBERS: &[&str] = &[
    "product_id",
    "name",
    "slug",
    "description",
    "channels",
    "allow_prerelease_on",
    "channel_follows",
    "channel_sign_off",
    "artifact_access",
    "allow_emulation",
    "open_channels",
    "created_at",
    "updated_at",
];
