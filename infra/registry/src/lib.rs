//! The one list of all endpoints and jobs: what the local stack serves, what the generators write down, and what the contract
//! test holds equal to the binaries, the template, the sample events and the tests. No Lambda function links it.

use slipway_edge::{Operation, Task, operation, task};

/// A package of functions, and the functions in it.
pub struct Package<T: ?Sized> {
    /// The directory under `functions/`.
    pub directory: &'static str,
    /// Its functions.
    pub functions: Vec<Box<T>>,
}

/// Every endpoint, by package.
#[must_use]
pub fn packages() -> Vec<Package<dyn Operation>> {
    vec![
        Package {
            directory: "products",
            functions: vec![
                operation::<slipway_products::ProductCreate>(),
                operation::<slipway_products::ProductList>(),
                operation::<slipway_products::ProductGet>(),
                operation::<slipway_products::ProductUpdate>(),
                operation::<slipway_products::ProductReleases>(),
                operation::<slipway_products::ProductReleaseLatest>(),
            ],
        },
        Package {
            directory: "artifacts",
            functions: vec![
                operation::<slipway_artifacts::ArtifactRegister>(),
                operation::<slipway_artifacts::ArtifactGet>(),
                operation::<slipway_artifacts::ArtifactList>(),
                operation::<slipway_artifacts::ArtifactDownload>(),
            ],
        },
        Package {
            directory: "uploads",
            functions: vec![
                operation::<slipway_uploads::UploadInitiate>(),
                operation::<slipway_uploads::UploadGet>(),
                operation::<slipway_uploads::UploadParts>(),
                operation::<slipway_uploads::UploadComplete>(),
                operation::<slipway_uploads::UploadAbort>(),
            ],
        },
        Package {
            directory: "releases",
            functions: vec![
                operation::<slipway_releases::ReleaseCreate>(),
                operation::<slipway_releases::ReleaseList>(),
                operation::<slipway_releases::ReleaseGet>(),
                operation::<slipway_releases::ReleasePublish>(),
                operation::<slipway_releases::ReleaseRollout>(),
                operation::<slipway_releases::ReleaseRevoke>(),
                operation::<slipway_releases::ReleasePromote>(),
                operation::<slipway_releases::ReleaseDelete>(),
                operation::<slipway_releases::ReleaseArtifacts>(),
            ],
        },
        Package { directory: "decisions", functions: vec![operation::<slipway_decisions::Decide>()] },
        Package {
            directory: "tenants",
            functions: vec![
                operation::<slipway_tenants::TenantCreate>(),
                operation::<slipway_tenants::TenantList>(),
                operation::<slipway_tenants::TenantGet>(),
                operation::<slipway_tenants::TenantUpdate>(),
            ],
        },
        Package {
            directory: "snapshots",
            functions: vec![
                operation::<slipway_snapshots::SnapshotConfigGet>(),
                operation::<slipway_snapshots::SnapshotConfigPut>(),
                operation::<slipway_snapshots::SnapshotGenerate>(),
                operation::<slipway_snapshots::SnapshotList>(),
                operation::<slipway_snapshots::SnapshotLatest>(),
                operation::<slipway_snapshots::SnapshotGet>(),
                operation::<slipway_snapshots::SnapshotBundle>(),
            ],
        },
        Package {
            directory: "mirrors",
            functions: vec![
                operation::<slipway_mirrors::MirrorCreate>(),
                operation::<slipway_mirrors::MirrorList>(),
                operation::<slipway_mirrors::MirrorStatusGet>(),
                operation::<slipway_mirrors::MirrorReport>(),
            ],
        },
        Package {
            directory: "tokens",
            functions: vec![
                operation::<slipway_tokens::TokenCreate>(),
                operation::<slipway_tokens::TokenList>(),
                operation::<slipway_tokens::TokenRevoke>(),
            ],
        },
        Package { directory: "keys", functions: vec![operation::<slipway_keys::KeyList>()] },
        Package { directory: "service", functions: vec![operation::<slipway_service::Health>(), operation::<slipway_service::OpenApi>()] },
    ]
}

/// Every job, by package.
#[must_use]
pub fn job_packages() -> Vec<Package<dyn Task>> {
    vec![Package {
        directory: "jobs",
        functions: vec![
            task::<slipway_jobs::FinishUpload>(),
            task::<slipway_jobs::SnapshotOnChange>(),
            task::<slipway_jobs::SnapshotForTenant>(),
            task::<slipway_jobs::SnapshotOnSchedule>(),
            task::<slipway_jobs::Retention>(),
        ],
    }]
}

/// Every endpoint.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    packages().into_iter().flat_map(|package| package.functions).collect()
}

/// Every job.
#[must_use]
pub fn jobs() -> Vec<Box<dyn Task>> {
    job_packages().into_iter().flat_map(|package| package.functions).collect()
}
