//! Release bundles, which components they have, and where they are deployed.

use slipway_composition::{BundleName, ComponentId, EnvironmentId, ReleaseBundleId};

use super::Key;

/// A release bundle.
#[must_use]
pub fn release_bundle(id: &ReleaseBundleId) -> Key {
    Key::singleton("BUNDLE", id)
}

/// Who has a name: leads to the release bundle's id.
#[must_use]
pub fn release_bundle_name(name: &BundleName) -> Key {
    Key::singleton("BUNDLENAME", name)
}

/// What the keys of all memberships of a component begin with: the release bundles that have it.
#[must_use]
pub fn memberships(component: &ComponentId) -> Key {
    Key::new(format!("BUNDLESOF#{component}"), "ID#")
}

/// That a release bundle has a component: leads to the segment of the list that the bundle is in.
#[must_use]
pub fn membership(component: &ComponentId, bundle: &ReleaseBundleId) -> Key {
    let Key { pk, sk } = memberships(component);
    Key::new(pk, format!("{sk}{bundle}"))
}

/// How often components were put into release bundles, and how many were deleted.
#[must_use]
pub fn component_uses() -> Key {
    Key::new("COMPONENTUSES", "COMPONENTUSES")
}

/// The partition of what is deployed in each environment.
pub const DEPLOYMENTS: &str = "DEPLOYMENTS";

/// What is deployed in an environment. Environments are few, and these rows together in one
/// partition.
#[must_use]
pub fn deployment(environment: &EnvironmentId) -> Key {
    Key::new(DEPLOYMENTS, format!("ID#{environment}"))
}
