//! Checks of what release bundles pin: which are looked at, and what has come of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_composition::{
    BundleComponent, BundleHealth, BundleStatus, BundleSummary, ComponentId, ImageCheck,
    ImageDigest, ReleaseBundle, ReleaseBundleId,
};
use slipway_domain::Result;
use slipway_domain::audit::EventType;

use crate::audit::AuditContext;
use crate::audited;
use crate::authorization::Resource;
use crate::bundles::{ListedBundle, row};
use crate::numbered_list::{ListEntry, ListSegment};
use crate::schema;
use crate::store::{Consistency, Reader, Stored, Writer, decode};

/// How many release bundles are looked at before it is asked whether there is time for more.
const PAGE: usize = 20;

/// A place in the list of release bundles, beyond which they are read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BundlePosition {
    segment: u64,
    id: Option<ReleaseBundleId>,
}

/// Some release bundles, and where the next ones are.
#[derive(Debug, Clone)]
pub struct BundlesInUse {
    /// The bundles.
    pub bundles: Vec<ReleaseBundle>,
    /// Where the next ones are; none at the end.
    pub next: Option<BundlePosition>,
}

/// An image that a release bundle pins. Two bundles that pin the same digest of a component may
/// have it at two registries.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CheckedImage {
    bundle: ReleaseBundleId,
    component: ComponentId,
    digest: ImageDigest,
}

/// What registries have told of what release bundles pin.
pub type ImageChecks = BTreeMap<CheckedImage, ImageCheck>;

impl CheckedImage {
    /// The image of a component of a release bundle.
    #[must_use]
    pub fn of(bundle: &ReleaseBundle, component: &BundleComponent) -> Self {
        Self {
            bundle: bundle.id.clone(),
            component: component.component_id.clone(),
            digest: component.digest.clone(),
        }
    }
}

impl Reader {
    /// The next release bundles beyond `after` that are not deprecated, oldest segment first. They
    /// may be some seconds old. Three requests; one more at the end of a segment.
    pub async fn bundles_in_use(&self, after: Option<BundlePosition>) -> Result<BundlesInUse> {
        if !self.can_see(Resource::Deployment) {
            return Ok(BundlesInUse { bundles: Vec::new(), next: None });
        }
        let BundlePosition { segment, id } =
            after.unwrap_or(BundlePosition { segment: 1, id: None });
        let list = BundleSummary::LIST;
        let above = id.map(|id| list.entry(segment, id.as_str()));
        let entries = list.entries(segment);
        let page = self.table.ascend(&entries, above.as_ref(), PAGE, Consistency::Eventual).await?;
        let summaries = page.rows.iter().map(|row| Ok(decode::<BundleSummary>(row)?.value));
        let mut summaries = summaries.collect::<Result<Vec<_>>>()?;
        let reached = summaries.last().map(|summary| summary.id.clone());
        summaries.retain(|summary| summary.status != BundleStatus::Deprecated);
        let next = match page.next {
            Some(_) => Some(BundlePosition { segment, id: reached }),
            None => self.segment_after(segment).await?,
        };
        Ok(BundlesInUse { bundles: self.bundles_of(&summaries).await?, next })
    }

    /// The position beyond which the last of `parts` parts of the list are from the one with this
    /// number on, counted from 0; none for its beginning. A list of one page has one part. One
    /// request, and one more for a position.
    pub async fn bundles_from_part(&self, part: u64, parts: u64) -> Result<Option<BundlePosition>> {
        if !self.can_see(Resource::Deployment) {
            return Ok(None);
        }
        let list = BundleSummary::LIST;
        let counts = self.table.segment_counts(list).await?;
        let total: usize = counts.iter().map(|(_, count)| count).sum();
        if total <= PAGE {
            return Ok(None);
        }
        let share = (total as u64).saturating_mul(part) / parts.max(1);
        let mut skip = usize::try_from(share).unwrap_or(usize::MAX).min(total);
        for (ListSegment(segment), count) in counts {
            if skip > count {
                skip -= count;
                continue;
            }
            if skip == 0 {
                break;
            }
            let entries = list.entries(segment);
            let page = self.table.ascend(&entries, None, skip, Consistency::Eventual).await?;
            let Some(entry) = page.rows.last() else { break };
            let id = Some(decode::<BundleSummary>(entry)?.value.id);
            return Ok(Some(BundlePosition { segment, id }));
        }
        Ok(None)
    }

    /// The beginning of the segment after this one, if there may be one.
    async fn segment_after(&self, segment: u64) -> Result<Option<BundlePosition>> {
        let open = self.table.open_segment(BundleSummary::LIST).await?;
        Ok((segment < open.0).then_some(BundlePosition { segment: segment + 1, id: None }))
    }

    async fn bundles_of(&self, summaries: &[BundleSummary]) -> Result<Vec<ReleaseBundle>> {
        let keys = summaries.iter().map(|summary| schema::release_bundle(&summary.id)).collect();
        let rows = self.table.batch_get(keys, Consistency::Eventual).await?;
        let bundles = rows.iter().map(|row| Ok(decode::<ListedBundle>(row)?.value.bundle));
        bundles.collect()
    }
}

impl Writer {
    /// Records what registries have told of what a release bundle pins. What tells nothing new is
    /// not written, and a bundle that was deleted since is passed over.
    ///
    /// # Errors
    /// `forbidden` for whoever may not change it.
    pub async fn record_image_checks(
        &self,
        id: &ReleaseBundleId,
        checks: &ImageChecks,
        audit: &AuditContext,
    ) -> Result<()> {
        self.table
            .transact(|mut tx| async move {
                let found: Option<Stored<ListedBundle>> =
                    self.find(&schema::release_bundle(id)).await?;
                let Some(found) = found else { return Ok(tx.returning(())) };
                let Stored { value, rev } = self.to_change(found)?;
                let ListedBundle { bundle: before, segment, promotions } = value;
                let Some(after) = judged(&before, checks) else { return Ok(tx.returning(())) };
                let listed = ListedBundle { bundle: after.clone(), segment, promotions };
                tx.replace(row(&listed)?, rev)?;
                let event = match after.health {
                    BundleHealth::Broken => EventType::BundleBroken,
                    // None of its images is known to be gone; whether all were found, `health` tells.
                    BundleHealth::Ok | BundleHealth::Unknown => EventType::BundleIntact,
                };
                audit.record(&mut tx, event, audited::updated(&before, &after)?)?;
                Ok(tx.returning(()))
            })
            .await
    }
}

/// `bundle` after `checks`; none, where they tell nothing new of it.
#[must_use]
pub fn judged(bundle: &ReleaseBundle, checks: &ImageChecks) -> Option<ReleaseBundle> {
    bundle.checked(|component| {
        let told = checks.get(&CheckedImage::of(bundle, component));
        told.cloned().unwrap_or(ImageCheck::Undetermined)
    })
}
