//! Releases and the heads of their channels: what is published, and what decisions know of it,
//! change together.

use slipway_domain::audit::EventType;
use slipway_domain::channel_head::ChannelHead;
use slipway_domain::product::ProductRef;
use slipway_domain::release::{Publication, Release, ReleaseArtifact, ReleasePatch, ReleaseStatus};
use slipway_domain::rollout::Rollout;
use slipway_domain::{Channel, Code, Error, ProductId, ReleaseId, Result, Version};

use crate::audit::AuditContext;
use crate::authorization::Protected;
use crate::authorized_revision::AuthorizedRevision;
use crate::channel_heads::{SeenHead, put_head};
use crate::required_releases::{delete_required, put_or_delete_required};
use crate::schema::{self, EntityKind, Key};
use crate::store::{Reader, Row, Stored, Transaction, Writer};

/// How a publication ended.
#[derive(Debug, Clone, PartialEq)]
pub enum PublishOutcome {
    /// The release was created.
    Created,
    /// A release of the same content was there already: this one.
    Existing(Box<Release>),
}

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
    /// Stores a new release, and where it is published makes it live.
    ///
    /// # Errors
    /// `forbidden` on a channel that the principal is not bound to; `release_exists` where the
    /// version has other content on the channel; `unknown_channel` for a published one on a channel
    /// that was removed.
    pub async fn create_release(
        &self,
        release: &Release,
        audit: &AuditContext,
    ) -> Result<PublishOutcome> {
        self.authorize_change(release.resource())?;
        self.table
            .transact(|mut tx| async move {
                tx.create(release_row(release)?)?.or_else(|existing: Release| {
                    let difference = release.difference(&existing);
                    difference.map_or(Ok(PublishOutcome::Existing(existing.into())), Err)
                });
                tx.create(pointer_row(release)?)?;
                if release.status == ReleaseStatus::Published {
                    let seen = self.load_head(&release.product_id, &release.channel).await?;
                    publish(&mut tx, release, &seen, audit)?;
                } else {
                    record(&mut tx, release, EventType::ReleaseDrafted, audit)?;
                }
                Ok(tx.returning(PublishOutcome::Created))
            })
            .await
    }

    /// Publishes a draft. Publishing it again changes nothing.
    ///
    /// # Errors
    /// `not_found`; `unknown_channel` where the channel was removed; as for [`Release::published`],
    /// but for a prerelease that the product allows.
    pub async fn publish_release(
        &self,
        id: &ReleaseId,
        publication: &Publication,
        audit: &AuditContext,
    ) -> Result<Release> {
        let publish = |release: &Release| release.published(audit.now, publication);
        match self.change(id, publish, EventType::ReleasePublished, audit).await {
            // The product is looked at only if it matters.
            Err(error) if error.code() == Code::PrereleaseNotAllowed => {
                self.require_product_to_allow_prerelease(id, error).await?;
                let allowed = Publication { allow_prerelease: true, ..publication.clone() };
                let publish = |release: &Release| release.published(audit.now, &allowed);
                self.change(id, publish, EventType::ReleasePublished, audit).await
            }
            outcome => outcome,
        }
    }

    /// Fails with `refusal` unless the product of a release allows prereleases on its channel.
    async fn require_product_to_allow_prerelease(
        &self,
        id: &ReleaseId,
        refusal: Error,
    ) -> Result<()> {
        let Release { product_id, channel, .. } = self.get_release(id).await?;
        let product = self.get_product(&ProductRef::Id(product_id)).await?;
        if product.allows_prereleases_on(&channel) { Ok(()) } else { Err(refusal) }
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

    /// Changes whom a release is offered to. `check` judges the release as it stands before the
    /// change.
    pub async fn set_rollout(
        &self,
        id: &ReleaseId,
        rollout: Rollout,
        check: impl Fn(&Release) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<Release> {
        let change = |release: &Release| check(release).and_then(|()| release.rolled_out(rollout));
        self.change(id, change, EventType::ReleaseRolloutChanged, audit).await
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
        audit: &AuditContext,
    ) -> Result<Release> {
        let change = |release: &Release| check(release).and_then(|()| release.patched(patch));
        self.change(id, change, EventType::ReleaseUpdated, audit).await
    }

    /// Deletes a draft and frees its version.
    ///
    /// # Errors
    /// `not_found`; `stale_state` for anything but a draft.
    pub async fn delete_draft(
        &self,
        id: &ReleaseId,
        check: impl Fn(&Release) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<()> {
        let check = &check;
        self.table
            .transact(|mut tx| async move {
                let Stored { value: release, rev } = self.load_release_to_change(id).await?;
                check(&release)?;
                release.require_draft()?;
                tx.delete_if_unchanged(&key(&release), rev)?;
                tx.delete_if_exists(&schema::release_pointer(id))?;
                record(&mut tx, &release, EventType::ReleaseDeleted, audit)?;
                Ok(tx.returning(()))
            })
            .await
    }

    /// The release with this id, if the principal may change it.
    pub(crate) async fn load_release_to_change(
        &self,
        id: &ReleaseId,
    ) -> Result<Stored<Release, AuthorizedRevision>> {
        self.to_change(self.load_release(id).await?)
    }

    /// Moves a release on, if `change` finds something to do, together with the head of its
    /// channel.
    pub(crate) async fn change(
        &self,
        id: &ReleaseId,
        change: impl Fn(&Release) -> Result<Option<Release>>,
        event: EventType,
        audit: &AuditContext,
    ) -> Result<Release> {
        let change = &change;
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.load_release_to_change(id).await?;
                let Some(release) = change(&value)? else { return Ok(tx.returning(value)) };
                tx.replace(release_row(&release)?, rev)?;
                if release.status == ReleaseStatus::Draft {
                    record(&mut tx, &release, event, audit)?;
                    return Ok(tx.returning(release));
                }
                let seen = self.load_head(&release.product_id, &release.channel).await?;
                let head = seen.head.clone();
                match (value.status, release.status) {
                    (_, ReleaseStatus::Revoked) => {
                        let next = self.completed(head.withdrawn(&release)).await?;
                        withdraw(&mut tx, &release, (&next, &seen), audit)?;
                    }
                    (ReleaseStatus::Draft, _) => publish(&mut tx, &release, &seen, audit)?,
                    _ => {
                        let next = self.completed(head.changed(&value, &release)).await?;
                        put_head(&mut tx, &next, &seen)?;
                        put_or_delete_required(&mut tx, Some(&value), &release)?;
                        announce(&mut tx, &release, event, audit)?;
                    }
                }
                Ok(tx.returning(release))
            })
            .await
    }
}

/// Adds to `tx` what makes `release` live: the head, a use for each artifact, audit and outbox.
fn publish<T>(
    tx: &mut Transaction<'_, T>,
    release: &Release,
    seen: &SeenHead,
    audit: &AuditContext,
) -> Result<()> {
    seen.head.require_open()?;
    put_head(tx, &seen.head.clone().published(release), seen)?;
    put_or_delete_required(tx, None, release)?;
    for artifact in distinct_artifacts(release) {
        let key = schema::artifact_use(artifact, &release.release_id);
        tx.put(Row::new(key, &release.product_id)?)?;
    }
    announce(tx, release, EventType::ReleasePublished, audit)
}

/// Adds to `tx` what withdraws `release`: the same rows, the other way round.
pub(crate) fn withdraw<T>(
    tx: &mut Transaction<'_, T>,
    release: &Release,
    (head, seen): (&ChannelHead, &SeenHead),
    audit: &AuditContext,
) -> Result<()> {
    put_head(tx, head, seen)?;
    delete_required(tx, release)?;
    for artifact in distinct_artifacts(release) {
        tx.delete_if_exists(&schema::artifact_use(artifact, &release.release_id))?;
    }
    announce(tx, release, EventType::ReleaseRevoked, audit)
}

/// A transaction may touch a row once, and a release may have the same artifact for several
/// machines.
fn distinct_artifacts(
    release: &Release,
) -> std::collections::BTreeSet<&slipway_domain::ArtifactId> {
    release.artifacts.iter().map(|artifact| &artifact.artifact_id).collect()
}

fn record<T>(
    tx: &mut Transaction<'_, T>,
    release: &Release,
    event: EventType,
    audit: &AuditContext,
) -> Result<()> {
    audit.record(tx, event, release.release_id.as_str())
}

fn announce<T>(
    tx: &mut Transaction<'_, T>,
    release: &Release,
    event: EventType,
    audit: &AuditContext,
) -> Result<()> {
    record(tx, release, event, audit)?;
    audit.announce(tx, event, &release.product_id, &release.channel)
}

fn key(release: &Release) -> Key {
    schema::release(&release.product_id, &release.channel, &release.version)
}

pub(crate) fn release_row(release: &Release) -> Result<Row> {
    let by_time =
        schema::by_kind(EntityKind::Release, release.created_at, release.release_id.as_str());
    let by_version =
        schema::release_of_product(&release.product_id, &release.channel, &release.version);
    Ok(Row::new(key(release), release)?.indexed(by_time).indexed(by_version))
}

fn pointer_row(release: &Release) -> Result<Row> {
    let place: ReleaseKey =
        (release.product_id.clone(), release.channel.clone(), release.version.clone());
    Row::new(schema::release_pointer(&release.release_id), &place)
}
