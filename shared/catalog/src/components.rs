//! Components.

use slipway_composition::{Component, ComponentId, ComponentUpdate, MAX_COMPONENTS, SyncState};
use slipway_domain::audit::EventType;
use slipway_domain::{Code, Error, Result};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Protected;
use crate::schema::{self, Key, PK, SK};
use crate::store::{Consistency, Item, Reader, Row, Stored, Transaction, Writer, text};
use crate::unique_names::claim_name;

/// How many rows of a deleted component's versions are deleted at once.
const ROWS_AT_ONCE: usize = 100;

impl Reader {
    /// The component with this id, if the principal may know of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_component(&self, id: &ComponentId) -> Result<Stored<Component>> {
        let found = self.find(&schema::component(id)).await?;
        found.ok_or_else(|| Error::not_found("component", id))
    }

    /// The component with this id, if there is one that the principal may know of.
    pub async fn find_component(&self, id: &ComponentId) -> Result<Option<Component>> {
        Ok(self.find(&schema::component(id)).await?.map(|stored| stored.value))
    }

    /// The components that the principal may know of, by name.
    pub async fn list_components(&self) -> Result<Vec<Component>> {
        let mut all: Vec<Component> = self.list_all(schema::COMPONENTS).await?;
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }
}

impl Writer {
    /// Stores a new component, and with it the claim to its name.
    ///
    /// # Errors
    /// `unknown_integration` where there is none with a registry; `name_exists` for a name that is
    /// taken; `limit_reached` where there are a thousand. Several that are created at the same
    /// moment may all be let in.
    pub async fn create_component(
        &self,
        component: &Component,
        audit: &AuditContext,
    ) -> Result<()> {
        self.authorize_change(component.resource())?;
        self.table
            .transact(|mut tx| async move {
                if self.list_components().await?.len() >= MAX_COMPONENTS {
                    let message = format!("there are {MAX_COMPONENTS} components; delete one");
                    return Err(Error::new(Code::LimitReached, message));
                }
                self.use_registry(&mut tx, &component.registry_integration_id).await?;
                claim(&mut tx, component)?;
                tx.create(row(component)?)?;
                let subject = audited::created(component)?;
                audit.record(&mut tx, EventType::ComponentCreated, subject)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Changes a component. What changes nothing is not written. `check` judges it as it stands
    /// before the change.
    ///
    /// # Errors
    /// `not_found`; `name_exists` for a new name that is taken; `unknown_integration`;
    /// `stale_state` for another repository or integration of a component that has versions; what
    /// `check` refuses.
    pub async fn update_component(
        &self,
        id: &ComponentId,
        update: &ComponentUpdate,
        check: impl Fn(&Component) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<Component> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.get_component(id).await?)?;
                check(&value)?;
                let Some(after) = value.updated(audit.now, update.clone()) else {
                    return Ok(tx.returning(value));
                };
                if after.name != value.name {
                    claim(&mut tx, &after)?;
                    tx.delete_existing(&schema::component_name(&value.name))?;
                }
                if after.source() != value.source() {
                    self.leave_source(&mut tx, &value, &after).await?;
                }
                if after.registry_integration_id != value.registry_integration_id {
                    self.use_registry(&mut tx, &after.registry_integration_id).await?;
                }
                tx.replace(row(&after)?, rev)?;
                let subject = audited::updated(&value, &after)?;
                audit.record(&mut tx, EventType::ComponentUpdated, subject)?;
                Ok(tx.returning(after))
            })
            .await
    }

    /// Makes `tx` depend on that the component has no version map, which would be of its repository
    /// as it was, and forgets how far a sync of that has come.
    async fn leave_source<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        before: &Component,
        after: &Component,
    ) -> Result<()> {
        let key = schema::sync_state(&before.id);
        match self.table.get::<SyncState>(&key).await? {
            None => tx.require_absent(&key),
            Some(Stored { value, rev }) if value.version_maps == 0 => {
                let fresh = Row::new(key, &SyncState::default())?;
                tx.put_if_unchanged(fresh, Some(rev)).map(|_| ())
            }
            Some(Stored { value, .. }) => {
                let is_moved = after.image_repository != before.image_repository;
                let field = if is_moved { "imageRepository" } else { "registryIntegrationId" };
                let message = format!(
                    "the component has {} version maps of its repository, which mean nothing elsewhere; create another component",
                    value.version_maps
                );
                Err(Error::new(Code::StaleState, message).at(field))
            }
        }
    }

    /// Deletes a component. `check` judges it. Its version maps are reached by nothing from then
    /// on; [`Writer::delete_versions_of`] deletes their rows, of which there are some where this
    /// says so.
    ///
    /// # Errors
    /// `not_found`; `stale_state` where a release bundle has it; what `check` refuses.
    pub async fn delete_component(
        &self,
        id: &ComponentId,
        check: impl Fn(&Component) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<bool> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.get_component(id).await?)?;
                check(&value)?;
                self.require_in_no_bundle(&mut tx, id).await?;
                let versions = schema::sync_state(id);
                let state = self.table.get::<SyncState>(&versions).await?;
                // A sync that adds some meanwhile makes the deletion begin anew, whose event tells
                // how many there were: also of those that no event of a sync has told of.
                tx.require_seen(&versions, state.as_ref().map(|state| state.rev))?;
                tx.delete_if_unchanged(&schema::component(id), rev)?;
                tx.delete_existing(&schema::component_name(&value.name))?;
                let version_maps = state.as_ref().map_or(0, |state| state.value.version_maps);
                let subject = audited::component_deleted(&value, version_maps)?;
                audit.record(&mut tx, EventType::ComponentDeleted, subject)?;
                Ok(tx.returning(state.is_some()))
            })
            .await
    }

    /// Deletes up to a hundred rows of the versions of a component that is deleted, and says
    /// whether there may be more.
    pub async fn delete_versions_of(&self, id: &ComponentId) -> Result<bool> {
        let mut keys = Vec::new();
        for prefix in schema::all_of_component_versions(id) {
            let room = ROWS_AT_ONCE - keys.len();
            let page = self.table.descend(&prefix, None, room, Consistency::Strong).await?;
            keys.extend(page.rows.iter().filter_map(key_of));
            if keys.len() == ROWS_AT_ONCE {
                break;
            }
        }
        let keys = &keys;
        self.table
            .transact(|mut tx| async move {
                keys.iter().try_for_each(|key| tx.delete_if_exists(key))?;
                Ok(tx.returning(keys.len() == ROWS_AT_ONCE))
            })
            .await
    }
}

/// Adds to `tx` the claim to the name of a component.
fn claim<T>(tx: &mut Transaction<'_, T>, component: &Component) -> Result<()> {
    let Component { id, name, .. } = component;
    claim_name(tx, ("component", name), schema::component_name(name), id)
}

fn row(component: &Component) -> Result<Row> {
    Row::new(schema::component(&component.id), component)
}

/// Where a row is.
fn key_of(row: &Item) -> Option<Key> {
    Some(Key { pk: text(row, PK)?.to_owned(), sk: text(row, SK)?.to_owned() })
}
