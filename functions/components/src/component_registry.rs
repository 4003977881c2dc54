//! How the registry of a component is asked, and what its failures mean.

use std::time::Duration;

use serde_json::json;
use slipway_composition::{Component, ImageTag};
use slipway_domain::{Code, Error, Result};
use slipway_edge::capabilities::{Registries, Writer};
use slipway_edge::{Capabilities, Ctx};
use slipway_oci::{Error as RegistryError, Manifest, ManifestReference, Registry};

/// What an operation may touch that asks a registry and stores what it tells.
pub(crate) type RegistryCapabilities = Capabilities<Writer, (), Registries>;

/// The registry of `component`, to be asked for as long as `time`.
///
/// # Errors
/// `unknown_integration`; what [`Registries::registry`] fails with.
pub(crate) async fn registry_of(
    ctx: &Ctx<RegistryCapabilities>,
    component: &Component,
    time: Duration,
) -> Result<Registry> {
    let integration = ctx.catalog().get_registry_integration(component).await?;
    ctx.registries().registry(&integration, time).await
}

/// The manifest that `tag` of `component` stands for.
///
/// # Errors
/// `unresolvable_component` where the registry has no such tag; `registry_unavailable`.
pub(crate) async fn resolve(
    registry: &Registry,
    component: &Component,
    tag: &ImageTag,
) -> Result<Manifest> {
    let reference = ManifestReference::Tag(tag.clone());
    let found = registry.resolve(&component.image_repository, &reference).await;
    if let Some(manifest) = found.map_err(|error| failure(component, error))? {
        return Ok(manifest);
    }
    let repository = &component.image_repository;
    let why = format!("its registry has no tag `{tag}` in `{repository}`");
    Err(unresolvable(component, &why).at("tag"))
}

/// What a failure of the registry of `component` means to whoever has asked.
pub(crate) fn failure(component: &Component, error: RegistryError) -> Error {
    match error {
        RegistryError::NoRepository { .. } => unresolvable(component, &error.to_string()),
        error => {
            let message = format!("the registry of the component `{}`: {error}", component.name);
            Error::new(Code::RegistryUnavailable, message).because(error)
        }
    }
}

fn unresolvable(component: &Component, why: &str) -> Error {
    let message = format!("the component `{}`: {why}", component.name);
    let details =
        json!({ "componentId": component.id, "component": component.name, "reason": why });
    Error::new(Code::UnresolvableComponent, message).with(details)
}
