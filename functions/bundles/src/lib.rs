//! Endpoints and jobs of release bundles, which `/api/v1` calls releases: one file each.

mod check_digests;
mod compare;
mod create;
mod create_from_latest;
mod delete;
mod deprecate;
mod digest_check;
mod get;
mod list;
mod manifest;
mod registry_failures;
mod resolution;
mod state;
mod update;

pub use check_digests::CheckDigests;
pub use compare::BundleCompare;
pub use create::BundleCreate;
pub use create_from_latest::BundleCreateFromLatest;
pub use delete::BundleDelete;
pub use deprecate::BundleDeprecate;
pub use get::BundleGet;
pub use list::BundleList;
pub use manifest::BundleManifestGet;
pub use state::BundleState;
pub use update::BundleUpdate;

use slipway_edge::{DynJob, Operation, job, operation};

/// Every endpoint of this package, in the order of the documentation.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    vec![
        operation::<BundleCreate>(),
        operation::<BundleCreateFromLatest>(),
        operation::<BundleList>(),
        operation::<BundleGet>(),
        operation::<BundleUpdate>(),
        operation::<BundleDelete>(),
        operation::<BundleState>(),
        operation::<BundleDeprecate>(),
        operation::<BundleCompare>(),
        operation::<BundleManifestGet>(),
    ]
}

/// Every job of this package.
#[must_use]
pub fn jobs() -> Vec<Box<dyn DynJob>> {
    vec![job::<CheckDigests>()]
}
