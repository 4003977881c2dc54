//! The rows of a release bundle: itself, and what lists show of it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_composition::{
    BrokenComponent, BundleComponent, BundleHealth, BundleMetadata, BundleSummary, ReleaseBundle,
    ReleaseBundleId, SourceRef,
};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::promotion::PromotionCountsRow;
use super::text::{StoredText, from_optional, optional};
use crate::bundles::ListedBundle;
use crate::numbered_list::ListSegment;

/// What the name of a release bundle leads to.
impl StoredEntity for ReleaseBundleId {
    type Row<'a> = Cow<'a, str>;

    fn to_row(&self) -> Cow<'_, str> {
        self.to_text()
    }

    fn from_row(row: Cow<'_, str>) -> Result<Self> {
        Self::from_text(row)
    }
}

impl StoredEntity for ListedBundle {
    type Row<'a> = BundleRow<'a>;

    fn to_row(&self) -> BundleRow<'_> {
        let Self { bundle, segment, promotions } = self;
        BundleRow {
            id: bundle.id.to_text(),
            name: bundle.name.to_text(),
            display_name: bundle.display_name.to_text(),
            status: bundle.status.to_text(),
            components: bundle.components.iter().map(Into::into).collect(),
            broken: broken_rows(bundle),
            source_ref: bundle.source_ref.as_ref().map(Into::into),
            metadata: Cow::Borrowed(bundle.metadata.members()),
            created_at: bundle.created_at,
            created_by: Cow::Borrowed(&bundle.created_by),
            updated_at: bundle.updated_at,
            segment: segment.0,
            promotions: (*promotions).into(),
        }
    }

    fn from_row(mut row: BundleRow<'_>) -> Result<Self> {
        let segment = ListSegment(row.segment);
        let promotions = std::mem::take(&mut row.promotions).into();
        Ok(Self { bundle: row.try_into()?, segment, promotions })
    }
}

/// A release bundle. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct BundleRow<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    display_name: Cow<'a, str>,
    status: Cow<'a, str>,
    #[serde(borrow)]
    components: Vec<BundleComponentRow<'a>>,
    /// The components whose images are gone; absent, until all were found once or one is gone.
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    broken: Option<Vec<BrokenComponentRow<'a>>>,
    #[serde(default, borrow, skip_serializing_if = "Option::is_none")]
    source_ref: Option<SourceRefRow<'a>>,
    #[serde(default)]
    metadata: Cow<'a, BTreeMap<String, String>>,
    created_at: Timestamp,
    created_by: Cow<'a, str>,
    updated_at: Timestamp,
    /// The segment of the list that it is in.
    segment: u64,
    /// What its status follows from; absent, where it has had no promotion.
    #[serde(default, skip_serializing_if = "PromotionCountsRow::is_default")]
    promotions: PromotionCountsRow,
}

/// A component of a release bundle.
#[derive(Serialize, Deserialize)]
struct BundleComponentRow<'a> {
    component_id: Cow<'a, str>,
    component_name: Cow<'a, str>,
    repository: Cow<'a, str>,
    /// Since it was ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    registry: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<Cow<'a, str>>,
    tag: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    channel: Option<Cow<'a, str>>,
    digest: Cow<'a, str>,
}

/// A component whose image is gone.
#[derive(Serialize, Deserialize)]
struct BrokenComponentRow<'a> {
    component_id: Cow<'a, str>,
    component_name: Cow<'a, str>,
    digest: Cow<'a, str>,
    missing_digest: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    platform: Option<Cow<'a, str>>,
}

/// What is known of the health of a release bundle.
fn broken_rows(bundle: &ReleaseBundle) -> Option<Vec<BrokenComponentRow<'_>>> {
    (bundle.health != BundleHealth::Unknown)
        .then(|| bundle.broken_components.iter().map(Into::into).collect())
}

/// Where the sources are.
#[derive(Serialize, Deserialize)]
struct SourceRefRow<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scm_integration_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repository: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    branch: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commit_sha: Option<Cow<'a, str>>,
}

impl TryFrom<BundleRow<'_>> for ReleaseBundle {
    type Error = Error;

    fn try_from(row: BundleRow<'_>) -> Result<Self> {
        let components = row.components.into_iter().map(TryInto::try_into);
        let health = match &row.broken {
            None => BundleHealth::Unknown,
            Some(broken) if broken.is_empty() => BundleHealth::Ok,
            Some(_) => BundleHealth::Broken,
        };
        let broken = row.broken.unwrap_or_default().into_iter().map(TryInto::try_into);
        Ok(Self {
            id: StoredText::from_text(row.id)?,
            name: StoredText::from_text(row.name)?,
            display_name: StoredText::from_text(row.display_name)?,
            status: StoredText::from_text(row.status)?,
            components: components.collect::<Result<_>>()?,
            health,
            broken_components: broken.collect::<Result<_>>()?,
            source_ref: row.source_ref.map(TryInto::try_into).transpose()?,
            metadata: BundleMetadata::from_stored(row.metadata.into_owned()),
            created_at: row.created_at,
            created_by: row.created_by.into_owned(),
            updated_at: row.updated_at,
        })
    }
}

impl<'a> From<&'a BundleComponent> for BundleComponentRow<'a> {
    fn from(component: &'a BundleComponent) -> Self {
        Self {
            component_id: component.component_id.to_text(),
            component_name: component.component_name.to_text(),
            repository: component.repository.to_text(),
            registry: optional(component.registry.as_ref()),
            version: optional(component.version.as_ref()),
            tag: component.tag.to_text(),
            channel: optional(component.channel.as_ref()),
            digest: component.digest.to_text(),
        }
    }
}

impl TryFrom<BundleComponentRow<'_>> for BundleComponent {
    type Error = Error;

    fn try_from(row: BundleComponentRow<'_>) -> Result<Self> {
        Ok(Self {
            component_id: StoredText::from_text(row.component_id)?,
            component_name: StoredText::from_text(row.component_name)?,
            repository: StoredText::from_text(row.repository)?,
            registry: from_optional(row.registry)?,
            version: from_optional(row.version)?,
            tag: StoredText::from_text(row.tag)?,
            channel: from_optional(row.channel)?,
            digest: StoredText::from_text(row.digest)?,
        })
    }
}

impl<'a> From<&'a BrokenComponent> for BrokenComponentRow<'a> {
    fn from(broken: &'a BrokenComponent) -> Self {
        Self {
            component_id: broken.component_id.to_text(),
            component_name: broken.component_name.to_text(),
            digest: broken.digest.to_text(),
            missing_digest: broken.missing_digest.to_text(),
            platform: optional(broken.platform.as_ref()),
        }
    }
}

impl TryFrom<BrokenComponentRow<'_>> for BrokenComponent {
    type Error = Error;

    fn try_from(row: BrokenComponentRow<'_>) -> Result<Self> {
        Ok(Self {
            component_id: StoredText::from_text(row.component_id)?,
            component_name: StoredText::from_text(row.component_name)?,
            digest: StoredText::from_text(row.digest)?,
            missing_digest: StoredText::from_text(row.missing_digest)?,
            platform: from_optional(row.platform)?,
        })
    }
}

impl<'a> From<&'a SourceRef> for SourceRefRow<'a> {
    fn from(source: &'a SourceRef) -> Self {
        Self {
            scm_integration_id: optional(source.scm_integration_id.as_ref()),
            repository: optional(source.repository.as_ref()),
            branch: optional(source.branch.as_ref()),
            commit_sha: optional(source.commit_sha.as_ref()),
        }
    }
}

impl TryFrom<SourceRefRow<'_>> for SourceRef {
    type Error = Error;

    fn try_from(row: SourceRefRow<'_>) -> Result<Self> {
        Ok(Self {
            scm_integration_id: from_optional(row.scm_integration_id)?,
            repository: from_optional(row.repository)?,
            branch: from_optional(row.branch)?,
            commit_sha: from_optional(row.commit_sha)?,
        })
    }
}

impl StoredEntity for BundleSummary {
    type Row<'a> = BundleSummaryRow<'a>;

    fn to_row(&self) -> BundleSummaryRow<'_> {
        BundleSummaryRow {
            id: self.id.to_text(),
            name: self.name.to_text(),
            status: self.status.to_text(),
            component_count: self.component_count,
            created_at: self.created_at,
        }
    }

    fn from_row(row: BundleSummaryRow<'_>) -> Result<Self> {
        Ok(Self {
            id: StoredText::from_text(row.id)?,
            name: StoredText::from_text(row.name)?,
            status: StoredText::from_text(row.status)?,
            component_count: row.component_count,
            created_at: row.created_at,
        })
    }
}

/// What lists show of a release bundle. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct BundleSummaryRow<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    status: Cow<'a, str>,
    component_count: usize,
    created_at: Timestamp,
}
