//! Release bundles that are changed, deprecated or deleted.

use std::collections::BTreeSet;

use slipway_composition::{
    BundleComponent, BundleStatus, ComponentId, ReleaseBundle, ReleaseBundleId, ReleaseBundleUpdate,
};
use slipway_domain::audit::EventType;
use slipway_domain::{Code, Error, Result};

use crate::audit::AuditContext;
use crate::audited;
use crate::bundles::{ListedBundle, add_member, row};
use crate::component_uses::{ComponentUses, use_components};
use crate::numbered_list::ListSegment;
use crate::schema;
use crate::store::{Stored, Transaction, Writer};

/// How many components an update may add and remove: each is a row of its transaction, of which
/// DynamoDB takes a hundred.
const MAX_MEMBERS_CHANGED: usize = 90;

/// Components that a draft gets, and what was read before them.
#[derive(Debug, Clone)]
pub struct ResolvedComponents {
    /// How components were used before these were read.
    pub seen: ComponentUses,
    /// The components.
    pub components: Vec<BundleComponent>,
}

/// Which components a change adds to a release bundle, and which it removes.
struct MemberChanges<'a> {
    added: BTreeSet<&'a ComponentId>,
    removed: BTreeSet<&'a ComponentId>,
}

impl Writer {
    /// Changes a release bundle, whose new components are resolved already. What changes nothing is
    /// not written. `check` judges it as it stands before the change.
    ///
    /// # Errors
    /// `not_found`; `stale_state` for a change that its status does not allow; what `check`
    /// refuses.
    pub async fn update_bundle(
        &self,
        id: &ReleaseBundleId,
        update: &ReleaseBundleUpdate,
        resolved: Option<&ResolvedComponents>,
        check: impl Fn(&ReleaseBundle) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<ReleaseBundle> {
        let components = resolved.map(|it| it.components.as_slice());
        let change = |before: &ReleaseBundle| {
            check(before)?;
            before.updated(audit.now, update, components)
        };
        let seen = resolved.map(|it| it.seen);
        self.change_bundle(id, change, seen, (EventType::BundleUpdated, audit)).await
    }

    /// Deprecates a release bundle. One that is deprecated stays as it is.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn deprecate_bundle(
        &self,
        id: &ReleaseBundleId,
        audit: &AuditContext,
    ) -> Result<ReleaseBundle> {
        let change = |before: &ReleaseBundle| Ok(before.deprecated(audit.now));
        self.change_bundle(id, change, None, (EventType::BundleDeprecated, audit)).await
    }

    /// Replaces a release bundle by what `change` makes of it, and all rows that follow from it.
    async fn change_bundle(
        &self,
        id: &ReleaseBundleId,
        change: impl Fn(&ReleaseBundle) -> Result<Option<ReleaseBundle>>,
        seen: Option<ComponentUses>,
        (event, audit): (EventType, &AuditContext),
    ) -> Result<ReleaseBundle> {
        let change = &change;
        // A second attempt may have met a deletion, and reads anew.
        let mut first = seen;
        self.table
            .transact(|mut tx| {
                let seen = first.take();
                async move {
                    let Stored { value, rev } = self.to_change(self.load_bundle(id).await?)?;
                    let ListedBundle { bundle: before, segment, promotions } = value;
                    let Some(after) = change(&before)? else {
                        return Ok(tx.returning(before));
                    };
                    let after = self.with_registries(&before, after).await?;
                    let listed = ListedBundle { bundle: after.clone(), segment, promotions };
                    tx.replace(row(&listed)?, rev)?;
                    self.change_members(&mut tx, (&before, &after), segment, seen).await?;
                    if before.summary() != after.summary() {
                        tx.replace_entry(segment, &before.summary(), &after.summary())?;
                    }
                    audit.record(&mut tx, event, audited::updated(&before, &after)?)?;
                    Ok(tx.returning(after))
                }
            })
            .await
    }

    /// Adds to `tx` which components a release bundle has gained and lost.
    async fn change_members<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        (before, after): (&ReleaseBundle, &ReleaseBundle),
        segment: ListSegment,
        seen: Option<ComponentUses>,
    ) -> Result<()> {
        let MemberChanges { added, removed } = MemberChanges::between(before, after)?;
        for component in removed {
            tx.delete_existing(&schema::membership(component, &after.id))?;
        }
        for component in &added {
            add_member(tx, (after, segment), component)?;
        }
        if added.is_empty() {
            return Ok(());
        }
        use_components(tx, self.uses_before(seen, &after.components).await?)
    }

    /// Deletes a release bundle that is a draft, or deprecated, deployed nowhere and on its way to
    /// no environment. `check` judges it.
    ///
    /// # Errors
    /// `not_found`; `stale_state` for one that may not be deleted; what `check` refuses.
    pub async fn delete_bundle(
        &self,
        id: &ReleaseBundleId,
        check: impl Fn(&ReleaseBundle) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<()> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.to_change(self.load_bundle(id).await?)?;
                let ListedBundle { bundle, segment, promotions } = value;
                check(&bundle)?;
                bundle.require_deletable(promotions)?;
                self.require_deployed_nowhere(&bundle).await?;
                tx.delete_if_unchanged(&schema::release_bundle(id), rev)?;
                tx.delete_existing(&schema::release_bundle_name(&bundle.name))?;
                for component in &bundle.components {
                    tx.delete_existing(&schema::membership(&component.component_id, id))?;
                }
                tx.delete_entry(segment, &bundle.summary())?;
                let subject = audited::deleted(&bundle)?;
                audit.record(&mut tx, EventType::BundleDeleted, subject)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// Makes sure that no environment has the bundle. Whoever deploys it depends on its revision.
    async fn require_deployed_nowhere(&self, bundle: &ReleaseBundle) -> Result<()> {
        if bundle.status == BundleStatus::Draft {
            return Ok(());
        }
        let mut deployments = self.list_deployments().await?;
        deployments.retain(|deployment| deployment.bundle_id == bundle.id);
        if deployments.is_empty() {
            return Ok(());
        }
        let environments = self.list_environments().await?;
        let is_there = |id| deployments.iter().any(|deployment| deployment.environment_id == id);
        match environments.into_iter().find(|environment| is_there(environment.id.clone())) {
            None => Ok(()),
            Some(environment) => {
                let message = format!(
                    "the release is deployed in the environment `{}`; deploy another one there first",
                    environment.name
                );
                Err(Error::new(Code::StaleState, message))
            }
        }
    }
}

impl<'a> MemberChanges<'a> {
    fn between(before: &'a ReleaseBundle, after: &'a ReleaseBundle) -> Result<Self> {
        let (old, new) = (ids(before), ids(after));
        let added: BTreeSet<_> = new.difference(&old).copied().collect();
        let removed: BTreeSet<_> = old.difference(&new).copied().collect();
        let count = added.len() + removed.len();
        if count > MAX_MEMBERS_CHANGED {
            let message = format!(
                "this adds and removes {count} components; do at most {MAX_MEMBERS_CHANGED} at once"
            );
            return Err(Error::invalid("components", message));
        }
        Ok(Self { added, removed })
    }
}

fn ids(bundle: &ReleaseBundle) -> BTreeSet<&ComponentId> {
    bundle.components.iter().map(|component| &component.component_id).collect()
}
