//! Releases and the heads of their channels: what is published, and what decisions know of it,
//! change together.

use slipway_domain::approval::GatedOperation;
use slipway_domain::audit::EventType;
use slipway_domain::product::ProductRef;
use slipway_domain::release::{Publication, Release, ReleaseArtifact, ReleasePatch, ReleaseStatus};
use slipway_domain::{Channel, Code, Error, ProductId, ReleaseId, Result, Version};

use crate::approvals::{SignOff, SignOffContext};
use crate::audit::AuditContext;
use crate::authorized_revision::AuthorizedRevision;
use crate::schema::{self, EntityKind, Key};
use crate::sign_off::ReleaseOperation;
use crate::store::{Reader, Row, Stored, Writer};

impl Reader {
    /// The release with this id, if the principal may know of its product.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn load_release(&self, id: &ReleaseId) -> Result<Stored<Release>> {
        let pointer: Option<Stored<ReleaseKey>> =
            self.table.get(&schema::release_pointer(id)).await?;
        let release = match pointer {
            Some(Stored { value: (product, channel, version), .. }) => {
                self.find(&schema::release(&product, &channel, &version)).await?
            }
            None => None,
        };
        // A draft's place can be taken by another release once the draft is deleted.
        release
            .filter(|stored: &Stored<Release>| stored.value.release_id == *id)
            .ok_or_else(|| Error::not_found("release", id))
    }

    /// The release with this id, if the principal may know of its product.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get_release(&self, id: &ReleaseId) -> Result<Release> {
        Ok(self.load_release(id).await?.value)
    }

    /// The release of this version on a channel.
    pub async fn find_release(
        &self,
        product: &ProductId,
        channel: &Channel,
        version: &Version,
    ) -> Result<Option<Release>> {
        let release = self.find(&schema::release(product, channel, version)).await?;
        Ok(release.map(|stored| stored.value))
    }

    /// Fails with `refusal` unless the product of a release allows prereleases on its channel.
    pub(crate) async fn require_product_to_allow_prerelease(
        &self,
        id: &ReleaseId,
        refusal: Error,
    ) -> Result<()> {
        let Release { product_id, channel, .. } = self.get_release(id).await?;
        let product = self.get_product(&ProductRef::Id(product_id)).await?;
        if product.allows_prereleases_on(&channel) { Ok(()) } else { Err(refusal) }
    }

    /// The newest published release of a product on a channel, by version.
    ///
    /// # Errors
    /// `not_found` for a product that the principal may not know of.
    pub async fn find_latest_release(
        &self,
        product: &ProductId,
        channel: &Channel,
    ) -> Result<Option<Release>> {
        let live = |release: &Release| release.status == ReleaseStatus::Published;
        Ok(self.first_releases(product, channel, live, 1).await?.pop())
    }

    /// The first `count` releases of a channel that `keep` accepts, newest version first, however
    /// many others stand before them.
    pub(crate) async fn first_releases(
        &self,
        product: &ProductId,
        channel: &Channel,
        keep: impl Fn(&Release) -> bool,
        count: usize,
    ) -> Result<Vec<Release>> {
        let (mut found, mut start) = (Vec::new(), None);
        loop {
            let wanted = count - found.len();
            let page =
                self.list_product_releases(product, Some(channel), &keep, wanted, start).await?;
            found.extend(page.items);
            start = page.next;
            if found.len() == count || start.is_none() {
                return Ok(found);
            }
        }
    }
}

/// Where a release's row is.
type ReleaseKey = (ProductId, Channel, Version);

impl Writer {
    /// Publishes a draft. Publishing it again changes nothing. `check` judges the release as it
    /// stands before the change.
    ///
    /// # Errors
    /// `not_found`; what `check` refuses; `unknown_channel` where the channel was removed; as for
    /// [`Release::published`], but for a prerelease that the product allows.
    pub async fn publish_release(
        &self,
        id: &ReleaseId,
        publication: &Publication,
        check: impl Fn(&Release) -> Result<()>,
        (audit, sign_off): (&AuditContext, &SignOffContext),
    ) -> Result<SignOff<Release>> {
        let publish = |release: &Release, publication| {
            check(release).and_then(|()| release.published(audit.now, &audit.actor, publication))
        };
        let (operation, event) = (GatedOperation::ReleasePublish, EventType::ReleasePublished);
        let operation = ReleaseOperation { operation, event, audit, sign_off };
        let change = |release: &Release| publish(release, publication);
        match self.change_with_sign_off(id, change, operation).await {
            // The product is looked at only if it matters.
            Err(error) if error.code() == Code::PrereleaseNotAllowed => {
                self.require_product_to_allow_prerelease(id, error).await?;
                let allowed = Publication { allow_prerelease: true, ..publication.clone() };
                let change = |release: &Release| publish(release, &allowed);
                self.change_with_sign_off(id, change, operation).await
            }
            outcome => outcome,
        }
    }

    /// Adds artifacts to a draft. Adding them again changes nothing.
    ///
    /// # Errors
    /// `not_found`, or as for [`Release::with_artifacts`].
    pub async fn add_release_artifacts(
        &self,
        id: &ReleaseId,
        artifacts: &[ReleaseArtifact],
        audit: &AuditContext,
    ) -> Result<Release> {
        let add = |release: &Release| release.with_artifacts(artifacts);
        self.change(id, add, EventType::ReleaseArtifactsAdded, audit).await
    }

    /// Corrects what is told about a release. `check` judges the release as it stands before the
    /// change.
    ///
    /// # Errors
    /// `not_found`; `stale_state` for a revoked release; what `check` refuses.
    pub async fn update_release(
        &self,
        id: &ReleaseId,
        patch: &ReleasePatch,
        check: impl Fn(&Release) -> Result<()>,
        (audit, sign_off): (&AuditContext, &SignOffContext),
    ) -> Result<SignOff<Release>> {
        let change = |release: &Release| check(release).and_then(|()| release.patched(patch));
        let (operation, event) = (GatedOperation::ReleaseUpdate, EventType::ReleaseUpdated);
        let operation = ReleaseOperation { operation, event, audit, sign_off };
        self.change_with_sign_off(id, change, operation).await
    }

    /// The release with this id, if the principal may change it.
    pub(crate) async fn load_release_to_change(
        &self,
        id: &ReleaseId,
    ) -> Result<Stored<Release, AuthorizedRevision>> {
        self.to_change(self.load_release(id).await?)
    }
}

pub(crate) fn key(release: &Release) -> Key {
    schema::release(&release.product_id, &release.channel, &release.version)
}

pub(crate) fn release_row(release: &Release) -> Result<Row> {
    let by_time =
        schema::by_kind(EntityKind::Release, release.created_at, release.release_id.as_str());
    let by_version =
        schema::release_of_product(&release.product_id, &release.channel, &release.version);
    Ok(Row::new(key(release), release)?.indexed(by_time).indexed(by_version))
}

pub(crate) fn pointer_row(release: &Release) -> Result<Row> {
    let place: ReleaseKey =
        (release.product_id.clone(), release.channel.clone(), release.version.clone());
    Row::new(schema::release_pointer(&release.release_id), &place)
}
