//! The integrations that components name: what is named is there, and is not deleted.

use slipway_composition::{Component, Integration, IntegrationId, IntegrationType};
use slipway_domain::{Code, Error, Result};

use crate::schema;
use crate::store::{Reader, Row, Stored, Transaction, Writer};

impl Reader {
    /// The integration with the registry of a component.
    ///
    /// # Errors
    /// `unknown_integration` where there is none, or it is none with a registry.
    pub async fn get_registry_integration(&self, component: &Component) -> Result<Integration> {
        Ok(self.registry_integration(&component.registry_integration_id).await?.value)
    }

    async fn registry_integration(&self, id: &IntegrationId) -> Result<Stored<Integration>> {
        let found: Option<Stored<Integration>> = self.find(&schema::integration(id)).await?;
        let with_registry =
            |stored: &Stored<Integration>| stored.value.r#type == IntegrationType::OciRegistry;
        found.filter(with_registry).ok_or_else(|| {
            let message = format!("there is no integration {id} of type `registry.oci`");
            Error::new(Code::UnknownIntegration, message).at("registryIntegrationId")
        })
    }

    /// Makes sure that no component names an integration.
    ///
    /// # Errors
    /// `stale_state`, with the name of one that does.
    pub(crate) async fn require_unused(&self, id: &IntegrationId, what: &str) -> Result<()> {
        let components = self.list_components().await?;
        let user = components.iter().find(|component| component.registry_integration_id == *id);
        let Some(Component { name, .. }) = user else { return Ok(()) };
        let message = format!("the component `{name}` names the integration; {what}");
        Err(Error::new(Code::StaleState, message))
    }
}

impl Writer {
    /// Adds to `tx` that a component names an integration. Its row is written as it is, at its next
    /// revision: whoever deletes it at the same time begins anew, and sees the component.
    pub(crate) async fn use_registry<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        id: &IntegrationId,
    ) -> Result<()> {
        let Stored { value, rev } = self.registry_integration(id).await?;
        let row = Row::new(schema::integration(id), &value)?;
        tx.put_if_unchanged(row, Some(rev)).map(|_| ())
    }
}
