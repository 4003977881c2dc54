//! The one list of function packages: what the local stack serves, what the generators write down,
//! and what the contract test holds equal to the binaries, the template, the sample events and the
//! tests. No Lambda function links it.

use std::collections::BTreeSet;

use slipway_edge::{DynJob, Operation, default_route};

/// A package of functions, and the functions in it.
pub struct Package {
    /// The directory under `functions/`.
    pub directory: &'static str,
    /// Its endpoints.
    pub operations: Vec<Box<dyn Operation>>,
    /// Its jobs.
    pub jobs: Vec<Box<dyn DynJob>>,
    /// The function of API Gateway's `$default` route, which one package has.
    pub default_route: Option<&'static str>,
}

impl Package {
    /// The names of its functions, which their binaries bear.
    #[must_use]
    pub fn functions(&self) -> BTreeSet<&'static str> {
        let operations = self.operations.iter().map(|operation| operation.route().op);
        let jobs = self.jobs.iter().map(|job| job.name());
        operations.chain(jobs).chain(self.default_route).collect()
    }
}

/// Every package, in the order of the documentation.
#[must_use]
pub fn packages() -> Vec<Package> {
    vec![
        package("products", slipway_products::operations(), Vec::new()),
        package("channels", slipway_channels::operations(), Vec::new()),
        package("artifacts", slipway_artifacts::operations(), slipway_artifacts::jobs()),
        package("uploads", slipway_uploads::operations(), slipway_uploads::jobs()),
        package("releases", slipway_releases::operations(), slipway_releases::jobs()),
        package("approvals", slipway_approvals::operations(), Vec::new()),
        package("decisions", slipway_decisions::operations(), Vec::new()),
        package("tenants", slipway_tenants::operations(), Vec::new()),
        package("policies", slipway_policies::operations(), Vec::new()),
        package("snapshots", slipway_snapshots::operations(), slipway_snapshots::jobs()),
        package("mirrors", slipway_mirrors::operations(), Vec::new()),
        package("tokens", slipway_tokens::operations(), Vec::new()),
        package("trust", slipway_trust::operations(), Vec::new()),
        package("principals", slipway_principals::operations(), Vec::new()),
        package("bundles", slipway_bundles::operations(), slipway_bundles::jobs()),
        package("components", slipway_components::operations(), Vec::new()),
        package("environments", slipway_environments::operations(), Vec::new()),
        package("promotions", slipway_promotions::operations(), Vec::new()),
        package("integrations", slipway_integrations::operations(), Vec::new()),
        package("audit", slipway_audit::operations(), Vec::new()),
        package("webhooks", slipway_webhooks::operations(), slipway_webhooks::jobs()),
        package("keys", slipway_keys::operations(), Vec::new()),
        Package {
            default_route: Some(default_route::OP),
            ..package("service", slipway_service::operations(), slipway_service::jobs())
        },
    ]
}

fn package(
    directory: &'static str,
    operations: Vec<Box<dyn Operation>>,
    jobs: Vec<Box<dyn DynJob>>,
) -> Package {
    Package { directory, operations, jobs, default_route: None }
}

/// Every endpoint.
#[must_use]
pub fn operations() -> Vec<Box<dyn Operation>> {
    packages().into_iter().flat_map(|package| package.operations).collect()
}

/// Every job.
#[must_use]
pub fn jobs() -> Vec<Box<dyn DynJob>> {
    packages().into_iter().flat_map(|package| package.jobs).collect()
}
