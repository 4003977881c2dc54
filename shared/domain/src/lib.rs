//! The domain of Slipway: products, channels, releases, artifacts, uploads, tenants, tokens,
//! policies, decisions and signing keys.
//!
//! Everything here is pure. Time, ids and entropy are arguments; there is no AWS, no HTTP, no
//! clock, no randomness and no environment. Input is parsed at the boundary into types of this
//! crate ([`Version`], [`Channel`], [`Sha256`], the ids), so that the code behind it never meets an
//! invalid value.
//!
//! Reading order: [`error`], [`id`], [`version`], [`product`], [`artifact`], [`upload`],
//! [`release`], [`channel_head`], [`decision`], [`key`]. Snapshots and mirrors are in the crate
//! `slipway-snapshot`.

pub mod adoption;
pub mod approval;
pub mod artifact;
pub mod audit;
pub mod channel;
pub mod channel_head;
pub mod channel_overview;
pub mod decision;
pub mod entity_tag;
pub mod error;
pub mod i_json;
pub mod id;
pub mod issuer_url;
pub mod json;
pub mod key;
pub mod metadata;
pub mod outcome;
pub mod page;
pub mod platform;
pub mod policy;
pub mod principal;
pub mod product;
pub mod public_url;
pub mod release;
pub mod release_upload;
pub mod role;
pub mod rollout;
pub mod scope;
pub mod sha256;
pub mod simulation;
pub mod span;
pub mod tenant;
pub mod text;
pub mod token;
pub mod trust_rule;
pub mod upload;
pub mod url_form;
pub mod version;
pub mod webhook;

pub use channel::Channel;
pub use entity_tag::EntityTag;
pub use error::{Code, Error, Result};
pub use id::{
    ApprovalId, ArtifactId, EventId, GenerateId, GenerationId, MirrorId, ProductId, ReleaseId,
    SnapshotId, TenantId, TokenId, TrustRuleId, UploadId, WebhookId,
};
pub use issuer_url::IssuerUrl;
pub use jiff::Timestamp;
pub use metadata::Metadata;
pub use principal::Principal;
pub use role::Role;
pub use scope::Scope;
pub use sha256::Sha256;
pub use span::Span;
pub use version::Version;
