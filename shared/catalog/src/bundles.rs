//! Release bundles: how they are made, read and listed.

use futures::future::{try_join, try_join3};
use slipway_composition::{
    BundleState, BundleStatus, BundleSummary, ComponentId, Deployment, EnvironmentId,
    PromotionCounts, ReleaseBundle, ReleaseBundleId,
};
use slipway_domain::audit::EventType;
use slipway_domain::{Error, Result};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::{Protected, Resource};
use crate::component_uses::{ComponentUses, use_components};
use crate::numbered_list::{ListEntry, ListSegment, NumberedSlice, PageRange};
use crate::schema::{self, NumberedList};
use crate::store::{Reader, Row, Stored, Transaction, Writer, decode};
use crate::unique_names::claim_name;

/// Which release bundles are listed.
#[derive(Debug, Clone, Default)]
pub struct BundleFilter {
    /// Those with this status alone.
    pub status: Option<BundleStatus>,
    /// Those that have this component alone.
    pub component_id: Option<ComponentId>,
}

/// A release bundle, where in the list it is, and what its promotions have come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedBundle {
    pub(crate) bundle: ReleaseBundle,
    pub(crate) segment: ListSegment,
    /// Its promotions, from which its status follows.
    pub(crate) promotions: PromotionCounts,
}

impl Protected for ListedBundle {
    fn resource(&self) -> Resource<'_> {
        Resource::Deployment
    }
}

impl ListEntry for BundleSummary {
    const LIST: NumberedList = NumberedList::ReleaseBundles;

    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn class(&self) -> &'static str {
        self.status.as_str()
    }
}

impl Reader {
    /// The release bundle with this id, if the principal may know of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_bundle(&self, id: &ReleaseBundleId) -> Result<ReleaseBundle> {
        Ok(self.load_bundle(id).await?.value.bundle)
    }

    pub(crate) async fn load_bundle(&self, id: &ReleaseBundleId) -> Result<Stored<ListedBundle>> {
        let found = self.find_bundle(id).await?;
        found.ok_or_else(|| Error::not_found("release", id))
    }

    pub(crate) async fn find_bundle(
        &self,
        id: &ReleaseBundleId,
    ) -> Result<Option<Stored<ListedBundle>>> {
        self.find(&schema::release_bundle(id)).await
    }

    /// The release bundles in `range` of those that `filter` leaves and the principal may know of,
    /// newest first. By a component, all that have it are read.
    pub async fn list_bundles(
        &self,
        filter: &BundleFilter,
        range: PageRange,
    ) -> Result<NumberedSlice<BundleSummary>> {
        if !self.can_see(Resource::Deployment) {
            return Ok(NumberedSlice::empty());
        }
        let Some(component) = &filter.component_id else {
            let class = filter.status.map(BundleStatus::as_str);
            return self.table.numbered_slice(class, range).await;
        };
        let keep = filter.status.map(|status| move |it: &BundleSummary| it.status == status);
        let keep = keep.as_ref().map(|keep| keep as &(dyn Fn(&BundleSummary) -> bool + Sync));
        self.table.member_slice(&schema::memberships(component), keep, range).await
    }

    /// Where a release bundle is deployed, and where it is on its way to.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_bundle_state(&self, id: &ReleaseBundleId) -> Result<BundleState> {
        self.load_bundle(id).await?;
        // On the heap: the SDK's futures are large.
        let read = Box::pin(try_join3(
            self.list_environments(),
            self.list_deployments(),
            self.list_open_promotions(),
        ));
        let (environments, deployments, promotions) = read.await?;
        Ok(BundleState::of(id, environments, (&deployments, &promotions)))
    }

    /// What is deployed in each environment. There may be rows of environments that were deleted:
    /// they mean nothing.
    pub(crate) async fn list_deployments(&self) -> Result<Vec<Deployment>> {
        let rows = self.table.partition(schema::DEPLOYMENTS).await?;
        rows.iter().map(|row| Ok(decode(row)?.value)).collect()
    }

    pub(crate) async fn find_deployment(&self, id: &EnvironmentId) -> Result<Option<Deployment>> {
        Ok(self.table.get(&schema::deployment(id)).await?.map(|stored| stored.value))
    }
}

impl Writer {
    /// Stores a new release bundle: itself, the claim to its name, its place in the list, and which
    /// components it has. `seen` is what was read before its components.
    ///
    /// # Errors
    /// `name_exists` for a name that is taken; `not_found` for a component that was deleted since.
    pub async fn create_bundle(
        &self,
        bundle: &ReleaseBundle,
        seen: ComponentUses,
        audit: &AuditContext,
    ) -> Result<()> {
        self.authorize_change(Resource::Deployment)?;
        // A second attempt may have met a deletion, and reads anew.
        let mut first = Some(seen);
        self.table
            .transact(|mut tx| {
                let seen = first.take();
                async move {
                    let uses = self.uses_before(seen, &bundle.components);
                    let segment = self.table.open_segment(BundleSummary::LIST);
                    let (seen, segment) = try_join(uses, segment).await?;
                    let key = schema::release_bundle_name(&bundle.name);
                    claim_name(&mut tx, ("release", &bundle.name), key, &bundle.id)?;
                    let promotions = PromotionCounts::default();
                    let listed = ListedBundle { bundle: bundle.clone(), segment, promotions };
                    tx.create(row(&listed)?)?;
                    tx.add_entry(segment, &bundle.summary())?;
                    for component in &bundle.components {
                        add_member(&mut tx, (bundle, segment), &component.component_id)?;
                    }
                    use_components(&mut tx, seen)?;
                    let subject = audited::created(bundle)?;
                    audit.record(&mut tx, EventType::BundleCreated, subject)?;
                    Ok(tx.returning(()))
                }
            })
            .await
    }
}

/// Adds to `tx` that a release bundle has a component.
pub(crate) fn add_member<T>(
    tx: &mut Transaction<'_, T>,
    (bundle, segment): (&ReleaseBundle, ListSegment),
    component: &ComponentId,
) -> Result<()> {
    tx.add_member(schema::membership(component, &bundle.id), segment)
}

/// The row of a release bundle.
pub(crate) fn row(listed: &ListedBundle) -> Result<Row> {
    Row::new(schema::release_bundle(&listed.bundle.id), listed)
}
