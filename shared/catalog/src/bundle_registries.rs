//! The registries that a release bundle's images are pulled from, fixed when it becomes ready.

use std::collections::{BTreeMap, BTreeSet};

use slipway_composition::{
    BundleStatus, Component, ComponentId, Integration, IntegrationId, ReleaseBundle,
};
use slipway_domain::{Error, Result};

use crate::schema;
use crate::store::{Consistency, Reader, decode};

impl Reader {
    /// `after`, with the registries of its components where it has just become ready.
    ///
    /// They are no condition of the transaction: a component keeps its integration for as long as
    /// it has version maps, and of an endpoint that changes at this moment either is right.
    ///
    /// # Errors
    /// `internal` for a component whose row or integration is not there, which is never deleted
    /// while it is named.
    pub(crate) async fn with_registries(
        &self,
        before: &ReleaseBundle,
        mut after: ReleaseBundle,
    ) -> Result<ReleaseBundle> {
        if (before.status, after.status) != (BundleStatus::Draft, BundleStatus::Ready) {
            return Ok(after);
        }
        let ids = after.components.iter().map(|component| component.component_id.clone());
        let integrations = self.integrations_of(ids.collect()).await?;
        for component in &mut after.components {
            let id = &component.component_id;
            let missing = || Error::internal(format!("the component {id} has no registry"));
            let integration = integrations.get(id).ok_or_else(missing)?;
            component.registry = Some(integration.endpoint.image_registry()?);
        }
        Ok(after)
    }

    /// The integrations with the registries of components, by two requests for a hundred of them.
    /// Components that are not there are left out.
    pub async fn integrations_of(
        &self,
        ids: BTreeSet<ComponentId>,
    ) -> Result<BTreeMap<ComponentId, Integration>> {
        let keys = ids.iter().map(schema::component).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let components = rows.iter().map(|row| Ok(decode::<Component>(row)?.value));
        let components = components.collect::<Result<Vec<_>>>()?;
        let named: BTreeSet<&IntegrationId> =
            components.iter().map(|it| &it.registry_integration_id).collect();
        let keys = named.into_iter().map(schema::integration).collect();
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let integrations = rows.iter().map(|row| {
            let integration: Integration = decode(row)?.value;
            Ok((integration.id.clone(), integration))
        });
        let integrations = integrations.collect::<Result<BTreeMap<_, _>>>()?;
        let of = |component: Component| {
            let integration = integrations.get(&component.registry_integration_id)?.clone();
            Some((component.id, integration))
        };
        Ok(components.into_iter().filter_map(of).collect())
    }
}
