//! Environments.

use slipway_composition::{Environment, EnvironmentId, EnvironmentUpdate, MAX_ENVIRONMENTS};
use slipway_domain::audit::EventType;
use slipway_domain::{Code, Error, Result};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Protected;
use crate::schema;
use crate::store::{Reader, Row, Stored, Transaction, Writer};
use crate::unique_names::claim_name;

impl Reader {
    /// The environment with this id, if the principal may know of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_environment(&self, id: &EnvironmentId) -> Result<Stored<Environment>> {
        let found = self.find_environment(id).await?;
        found.ok_or_else(|| Error::not_found("environment", id))
    }

    pub(crate) async fn find_environment(
        &self,
        id: &EnvironmentId,
    ) -> Result<Option<Stored<Environment>>> {
        self.find(&schema::environment(id)).await
    }

    /// The environments that the principal may know of, in their order.
    pub async fn list_environments(&self) -> Result<Vec<Environment>> {
        let mut all: Vec<Environment> = self.list_all(schema::ENVIRONMENTS).await?;
        all.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(all)
    }
}

impl Writer {
    /// Stores a new environment, and with it the claim to its name.
    ///
    /// # Errors
    /// `name_exists` for a name that is taken; `limit_reached` where there are 100. Several that
    /// are created at the same moment may all be let in.
    pub async fn create_environment(
        &self,
        environment: &Environment,
        audit: &AuditContext,
    ) -> Result<()> {
        self.authorize_change(environment.resource())?;
        self.table
            .transact(|mut tx| async move {
                if self.list_environments().await?.len() >= MAX_ENVIRONMENTS {
                    let message = format!("there are {MAX_ENVIRONMENTS} environments; delete one");
                    return Err(Error::new(Code::LimitReached, message));
                }
                claim(&mut tx, environment)?;
                tx.create(row(environment)?)?;
                let subject = audited::created(environment)?;
                audit.record(&mut tx, EventType::EnvironmentCreated, subject)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Changes an environment. What changes nothing is not written. `check` judges it as it stands
    /// before the change.
    ///
    /// # Errors
    /// `not_found`; `name_exists` for a new name that is taken; what `check` refuses.
    pub async fn update_environment(
        &self,
        id: &EnvironmentId,
        update: &EnvironmentUpdate,
        check: impl Fn(&Environment) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<Environment> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.get_environment(id).await?)?;
                check(&value)?;
                let Some(after) = value.updated(audit.now, update.clone())? else {
                    return Ok(tx.returning(value));
                };
                if after.name != value.name {
                    claim(&mut tx, &after)?;
                    tx.delete_existing(&schema::environment_name(&value.name))?;
                }
                tx.replace(row(&after)?, rev)?;
                let subject = audited::updated(&value, &after)?;
                audit.record(&mut tx, EventType::EnvironmentUpdated, subject)?;
                Ok(tx.returning(after))
            })
            .await
    }

    /// Deletes an environment that no promotion is open to, and what is told of what is deployed
    /// there. `check` judges it.
    ///
    /// # Errors
    /// `not_found`; `stale_state` while a promotion to it is open; what `check` refuses.
    pub async fn delete_environment(
        &self,
        id: &EnvironmentId,
        check: impl Fn(&Environment) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<()> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.get_environment(id).await?)?;
                check(&value)?;
                self.require_no_promotion_to(&value).await?;
                tx.require_absent(&schema::open_promotion(id))?;
                tx.delete_if_unchanged(&schema::environment(id), rev)?;
                tx.delete_existing(&schema::environment_name(&value.name))?;
                // Only the end of an open promotion writes it, and there is none.
                tx.delete_if_exists(&schema::deployment(id))?;
                let subject = audited::deleted(&value)?;
                audit.record(&mut tx, EventType::EnvironmentDeleted, subject)?;
                Ok(tx.returning(()))
            })
            .await
    }
}

/// Adds to `tx` the claim to the name of an environment.
fn claim<T>(tx: &mut Transaction<'_, T>, environment: &Environment) -> Result<()> {
    let Environment { id, name, .. } = environment;
    claim_name(tx, ("environment", name), schema::environment_name(name), id)
}

fn row(environment: &Environment) -> Result<Row> {
    Row::new(schema::environment(&environment.id), environment)
}
