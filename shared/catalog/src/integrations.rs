//! Integrations.

use slipway_composition::{Integration, IntegrationId, IntegrationSettings, MAX_INTEGRATIONS};
use slipway_domain::audit::EventType;
use slipway_domain::{Code, Error, Result};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Protected;
use crate::schema;
use crate::store::{Reader, Row, Stored, Transaction, Writer};
use crate::unique_names::claim_name;

impl Reader {
    /// The integration with this id, if the principal may know of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_integration(&self, id: &IntegrationId) -> Result<Stored<Integration>> {
        let found = self.find(&schema::integration(id)).await?;
        found.ok_or_else(|| Error::not_found("integration", id))
    }

    /// The integration with this id, if there is one that the principal may know of.
    pub async fn find_integration(&self, id: &IntegrationId) -> Result<Option<Integration>> {
        Ok(self.find(&schema::integration(id)).await?.map(|stored| stored.value))
    }

    /// The integrations that the principal may know of, by name.
    pub async fn list_integrations(&self) -> Result<Vec<Integration>> {
        let mut all: Vec<Integration> = self.list_all(schema::INTEGRATIONS).await?;
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }
}

impl Writer {
    /// Stores a new integration, and with it the claim to its name.
    ///
    /// # Errors
    /// `name_exists` for a name that is taken; `limit_reached` where there are 100. Several that
    /// are created at the same moment may all be let in.
    pub async fn create_integration(
        &self,
        integration: &Integration,
        audit: &AuditContext,
    ) -> Result<()> {
        self.authorize_change(integration.resource())?;
        self.table
            .transact(|mut tx| async move {
                if self.list_integrations().await?.len() >= MAX_INTEGRATIONS {
                    let message = format!("there are {MAX_INTEGRATIONS} integrations; delete one");
                    return Err(Error::new(Code::LimitReached, message));
                }
                claim(&mut tx, integration)?;
                tx.create(row(integration)?)?;
                let subject = audited::created(integration)?;
                audit.record(&mut tx, EventType::IntegrationCreated, subject)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Sets an integration to `settings`. What changes nothing is not written. `check` judges it as
    /// it stands before the change.
    ///
    /// # Errors
    /// `not_found`; `name_exists` for a new name that is taken; `stale_state` for another type
    /// while a component names it; what `check` refuses.
    pub async fn update_integration(
        &self,
        id: &IntegrationId,
        settings: &IntegrationSettings,
        check: impl Fn(&Integration) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<Integration> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.get_integration(id).await?)?;
                check(&value)?;
                let Some(after) = value.updated(audit.now, settings.clone())? else {
                    return Ok(tx.returning(value));
                };
                if after.r#type != value.r#type {
                    self.require_unused(id, "it stays what it is until then").await?;
                }
                if after.name != value.name {
                    claim(&mut tx, &after)?;
                    tx.delete_existing(&schema::integration_name(&value.name))?;
                }
                tx.replace(row(&after)?, rev)?;
                let subject = audited::updated(&value, &after)?;
                audit.record(&mut tx, EventType::IntegrationUpdated, subject)?;
                Ok(tx.returning(after))
            })
            .await
    }

    /// Deletes an integration. `check` judges it.
    ///
    /// Whatever names one writes the integration's row as it is, at its next revision, in its own
    /// transaction: so that neither this deletion nor that change is made about what the other one
    /// has changed.
    ///
    /// # Errors
    /// `not_found`; `stale_state` while a component names it; what `check` refuses.
    pub async fn delete_integration(
        &self,
        id: &IntegrationId,
        check: impl Fn(&Integration) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<()> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.get_integration(id).await?)?;
                check(&value)?;
                self.require_unused(id, "delete the component first").await?;
                tx.delete_if_unchanged(&schema::integration(id), rev)?;
                tx.delete_existing(&schema::integration_name(&value.name))?;
                let subject = audited::deleted(&value)?;
                audit.record(&mut tx, EventType::IntegrationDeleted, subject)?;
                Ok(tx.returning(()))
            })
            .await
    }
}

/// Adds to `tx` the claim to the name of an integration.
fn claim<T>(tx: &mut Transaction<'_, T>, integration: &Integration) -> Result<()> {
    let Integration { id, name, .. } = integration;
    claim_name(tx, ("integration", name), schema::integration_name(name), id)
}

fn row(integration: &Integration) -> Result<Row> {
    Row::new(schema::integration(&integration.id), integration)
}
