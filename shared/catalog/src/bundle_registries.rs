//! The registries that a release bundle's images are pulled from, fixed when it becomes ready.

use std::collections::{BTreeMap, BTreeSet};

use slipway_composition::{
    BundleStatus, Component, ComponentId, ImageRegistry, Integration, IntegrationId, ReleaseBundle,
};
use slipway_domain::{Error, Result};

use crate::schema;
use crate::store::{Consistency, Reader, decode};

impl Reader {
    /// `after`, with the registries of its components where it has just become ready.
    ///
    /// They are no condition of the transaction: a component keeps its integration for as long as it
    /// has version maps, and of an endpoint that changes at this moment either is right.
    ///
    /// # Errors
    /// `internal` for a component whose row or integration is not there, which is never deleted while
    /// it is named.
    pub(crate) async fn with_registries(
        &self,
        before: &ReleaseBundle,
        mut after: ReleaseBundle,
    ) -> Result<ReleaseBundle> {
        if (before.status, after.status) != (BundleStatus::Draft, BundleStatus::Ready) {
            return Ok(after);
        }
        let ids = after.components.iter().map(|component| &component.component_id);
        let registries = self.registries_of(ids).await?;
        for component in &mut after.components {
            let id = &component.component_id;
            let missing = || Error::internal(format!("the component {id} has no registry"));
            component.registry = Some(registries.get(id).cloned().ok_or_else(missing)?);
        }
        Ok(after)
    }

    /// The registries of components, by two requests for a hundred of them.
    async fn registries_of(
        &self,
        ids: impl Iterator<Item = &ComponentId>,
    ) -> Result<BTreeMap<ComponentId, ImageRegistry>> {
        let keys = ids.map(schema::component).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let components = rows.iter().map(|row| Ok(decode::<Component>(row)?.value));
        let components = components.collect::<Result<Vec<_>>>()?;
        let named: BTreeSet<&IntegrationId> =
            components.iter().map(|it| &it.registry_integration_id).collect();
        let keys = named.into_iter().map(schema::integration).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let registries = rows.iter().map(|row| {
            let Integration { id, endpoint, .. } = decode(row)?.value;
            Ok((id, endpoint.image_registry()?))
        });
        let registries = registries.collect::<Result<BTreeMap<_, _>>>()?;
        let of = |component: Component| {
            let registry = registries.get(&component.registry_integration_id)?.clone();
            Some((component.id, registry))
        };
        Ok(components.into_iter().filter_map(of).collect())
    }
}
