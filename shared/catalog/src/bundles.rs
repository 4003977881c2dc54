//! Release bundles: how they are made, read and listed.

use futures::future::try_join;
use slipway_composition::{
    BundleState, BundleStatus, BundleSummary, ComponentId, Deployment, EnvironmentId,
    ReleaseBundle, ReleaseBundleId,
};
use slipway_domain::audit::EventType;
use slipway_domain::{Error, Result};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::{Protected, Resource};
use crate::component_uses::{ComponentUses, use_components};
use crate::numbered_list::{ListEntry, ListSegment, NumberedSlice, PageRange};
use crate::schema::{self, NumberedList, SK};
use crate::store::{Consistency, KeyQuery, Reader, Row, Stored, Transaction, Writer, decode, text};
use crate::unique_names::claim_name;

/// Which release bundles are listed.
#[derive(Debug, Clone, Default)]
pub struct BundleFilter {
    /// Those with this status alone.
    pub status: Option<BundleStatus>,
    /// Those that have this component alone.
    pub component_id: Option<ComponentId>,
}

/// A release bundle, and where in the list it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListedBundle {
    pub(crate) bundle: ReleaseBundle,
    pub(crate) segment: ListSegment,
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
        let found = self.find(&schema::release_bundle(id)).await?;
        found.ok_or_else(|| Error::not_found("release", id))
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
        match &filter.component_id {
            Some(component) => self.list_bundles_of(component, filter.status, range).await,
            None => self.table.numbered_slice(filter.status.map(BundleStatus::as_str), range).await,
        }
    }

    async fn list_bundles_of(
        &self,
        component: &ComponentId,
        status: Option<BundleStatus>,
        range: PageRange,
    ) -> Result<NumberedSlice<BundleSummary>> {
        let members = self.members_with(component).await?;
        let Some(status) = status else {
            let NumberedSlice { items, total } = NumberedSlice::of(members, range);
            return Ok(NumberedSlice { items: self.summaries(items).await?, total });
        };
        let mut all = self.summaries(members).await?;
        all.retain(|summary| summary.status == status);
        Ok(NumberedSlice::of(all, range))
    }

    /// The release bundles that have a component, newest first, with their segments.
    async fn members_with(&self, component: &ComponentId) -> Result<Vec<(String, ListSegment)>> {
        let prefix = schema::memberships(component);
        let mut members = Vec::new();
        let listing = KeyQuery::of_table(prefix.pk.clone(), prefix.sk.clone());
        let take = |rows: Vec<_>| {
            for row in rows {
                let id = text(&row, SK).and_then(|sk| sk.strip_prefix(prefix.sk.as_str()));
                members.push((id.unwrap_or_default().to_owned(), decode(&row)?.value));
            }
            Ok(())
        };
        self.table.each_page_of_rows(&listing, take).await?;
        members.reverse();
        Ok(members)
    }

    /// What lists show of `members`, newest first. What is deleted meanwhile is left out.
    async fn summaries(&self, members: Vec<(String, ListSegment)>) -> Result<Vec<BundleSummary>> {
        let keys = members.iter().map(|(id, segment)| BundleSummary::LIST.entry(segment.0, id));
        let rows = self.table.batch_get(keys.collect(), Consistency::Strong).await?;
        let summaries = rows.iter().map(|row| Ok(decode::<BundleSummary>(row)?.value));
        let mut summaries = summaries.collect::<Result<Vec<_>>>()?;
        summaries.sort_by(|a, b| b.id.cmp(&a.id));
        Ok(summaries)
    }

    /// Where a release bundle is deployed.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_bundle_state(&self, id: &ReleaseBundleId) -> Result<BundleState> {
        self.load_bundle(id).await?;
        let (environments, deployments) =
            try_join(self.list_environments(), self.list_deployments()).await?;
        Ok(BundleState::of(id, environments, &deployments))
    }

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
                    tx.create(row(bundle, segment)?)?;
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
    tx.create(Row::new(schema::membership(component, &bundle.id), &segment)?).map(|_| ())
}

/// The row of a release bundle.
pub(crate) fn row(bundle: &ReleaseBundle, segment: ListSegment) -> Result<Row> {
    let key = schema::release_bundle(&bundle.id);
    Row::new(key, &ListedBundle { bundle: bundle.clone(), segment })
}
