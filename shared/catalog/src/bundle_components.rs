//! The components of a release bundle: what selections are resolved to.

use std::collections::BTreeMap;

use serde_json::json;
use slipway_composition::{
    BundleComponent, Component, ComponentId, EnvironmentId, Selection, VersionMap,
};
use slipway_domain::{Code, Error, Result};

use crate::authorization::Protected;
use crate::schema;
use crate::store::retry::retry_contention;
use crate::store::{Consistency, Reader, decode};

impl Reader {
    /// The components with these ids, in their order.
    ///
    /// # Errors
    /// `not_found`, at `field` of the place of the one that is not there.
    pub async fn get_components(
        &self,
        ids: &[ComponentId],
        field: impl Fn(usize) -> String,
    ) -> Result<Vec<Component>> {
        let keys = ids.iter().map(schema::component).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let found = rows.iter().map(|row| Ok(decode::<Component>(row)?.value));
        let mut found = found.collect::<Result<Vec<_>>>()?;
        found.retain(|component| self.can_see(component.resource()));
        let mut found: BTreeMap<_, _> =
            found.into_iter().map(|component| (component.id.clone(), component)).collect();
        let in_order = ids.iter().enumerate().map(|(place, id)| {
            let unknown = || Error::not_found("component", id).at(field(place));
            found.remove(id).ok_or_else(unknown)
        });
        in_order.collect()
    }

    /// What `selections` mean now, of components that are there: the one way to ask for it. Version
    /// maps are read before their components: a component that has
    /// some keeps its repository, so that the two belong together.
    ///
    /// # Errors
    /// `not_found` for an unknown component, `unresolvable_component` for a selection that means
    /// nothing, at `field` of its place.
    pub async fn resolve_components(
        &self,
        selections: &[(ComponentId, Selection)],
        field: impl Fn(usize) -> String,
    ) -> Result<Vec<BundleComponent>> {
        let maps = self.resolve_selections(selections).await?;
        let ids: Vec<_> = selections.iter().map(|(id, _)| id.clone()).collect();
        let components = self.get_components(&ids, &field).await?;
        let resolved = components.into_iter().zip(maps).zip(selections).enumerate();
        let resolved = resolved.map(|(place, ((component, map), (_, selection)))| match map {
            Some(map) => Ok(pinned(component, map)),
            None => Err(unresolvable(&component, selection).at(field(place))),
        });
        resolved.collect()
    }

    /// The components of the release bundle that is deployed in an environment.
    ///
    /// # Errors
    /// `not_found` for an unknown environment; `stale_state` where nothing is deployed.
    pub async fn deployed_components(&self, id: &EnvironmentId) -> Result<Vec<BundleComponent>> {
        let environment = self.get_environment(id).await?.value;
        retry_contention(async || {
            let Some(deployment) = self.find_deployment(id).await? else {
                let environment = &environment.name;
                let message = format!("nothing is deployed in the environment `{environment}`");
                return Err(Error::new(Code::StaleState, message));
            };
            // What another one took the place of may be deleted already.
            let bundle = self.find_bundle(&deployment.bundle_id).await?;
            Ok(bundle.map(|bundle| bundle.value.bundle.components))
        })
        .await
    }
}

/// `component` with the digest of `map`.
fn pinned(component: Component, map: VersionMap) -> BundleComponent {
    BundleComponent {
        component_id: component.id,
        component_name: component.name,
        repository: component.image_repository,
        registry: None,
        version: map.semver,
        tag: map.tag,
        channel: map.channel,
        digest: map.digest,
    }
}

fn unresolvable(component: &Component, selection: &Selection) -> Error {
    let why = match selection {
        Selection::Version(named) => {
            let tag = named.tag.as_ref().map(ToString::to_string);
            let text = tag.or_else(|| named.version.as_ref().map(ToString::to_string));
            format!("it has no version and no tag `{}`", text.unwrap_or_default())
        }
        Selection::Digest(digest) => format!("none of its version maps has the digest {digest}"),
        Selection::Channel(channel) => format!("it has no version on the channel `{channel}`"),
    };
    let message = format!("the component `{}`: {why}; is a sync missing?", component.name);
    let details =
        json!({ "componentId": component.id, "component": component.name, "reason": why });
    Error::new(Code::UnresolvableComponent, message).with(details)
}
