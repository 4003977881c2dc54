//! Releases and the heads of their channels: what is published, and what decisions know of it,
//! change together.

use slipway_domain::audit::EventType;
use slipway_domain::channel_head::{ChannelHead, LiveRelease, REFILL};
use slipway_domain::page::Page;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::rollout::Rollout;
use slipway_domain::text::Reason;
use slipway_domain::{Channel, Error, ProductId, ReleaseId, Result, Version};
use slipway_snapshot::IndexEntry;

use crate::audit::AuditContext;
use crate::authorization::Protected;
use crate::schema::{self, EntityKind, Index, Key};
use crate::store::{KeyQuery, Reader, Row, StartKey, Stored, Transaction, Writer};

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

    /// A page of the releases of a product, on one channel or on all, newest version first.
    ///
    /// # Errors
    /// `not_found` for a product that the principal may not know of.
    pub async fn list_product_releases(
        &self,
        product: &ProductId,
        channel: Option<&Channel>,
        keep: impl Fn(&Release) -> bool,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Release, StartKey>> {
        self.principal.require_visible(product)?;
        let listing = match channel {
            Some(channel) => {
                KeyQuery::of_table(schema::product(product).pk, schema::releases_on(channel))
            }
            None => KeyQuery::of_index(Index::ByRelation, schema::releases_of(product)),
        };
        self.list(&listing, limit, start, keep).await
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
    async fn first_releases(
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

    /// A page of the releases of all products that the principal may know of, newest first.
    pub async fn list_releases(
        &self,
        keep: impl Fn(&Release) -> bool,
        limit: usize,
        start: Option<StartKey>,
    ) -> Result<Page<Release, StartKey>> {
        let listing =
            KeyQuery::of_index(Index::ByKind, schema::kind_partition(EntityKind::Release));
        self.list(&listing, limit, start, keep).await
    }

    async fn load_head(&self, release: &Release) -> Result<Option<Stored<ChannelHead>>> {
        self.table.get(&schema::head(&release.product_id, &release.channel)).await
    }
}

/// Where a release's row is.
type ReleaseKey = (ProductId, Channel, Version);

impl Writer {
    /// Stores a new release, and where it is published makes it live.
    ///
    /// # Errors
    /// `forbidden` on a channel that the principal is not bound to; `release_exists` where the version has other content on the channel.
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
                    let head = self.load_head(release).await?;
                    make_live(&mut tx, release, head, EventType::ReleasePublished, audit)?;
                } else {
                    record(&mut tx, release, EventType::ReleaseDrafted, audit)?;
                }
                Ok(tx.returning(PublishOutcome::Created))
            })
            .await
    }

    /// Publishes a draft. Publishing it again changes nothing.
    pub async fn publish_release(&self, id: &ReleaseId, audit: &AuditContext) -> Result<Release> {
        let publish = |release: &Release| release.published(audit.now);
        self.change(id, publish, EventType::ReleasePublished, audit).await
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

    /// Withdraws a release for good. Revoking it again changes nothing.
    pub async fn revoke_release(
        &self,
        id: &ReleaseId,
        reason: &Reason,
        audit: &AuditContext,
    ) -> Result<Release> {
        let change = |release: &Release| release.revoked(audit.now, &audit.actor, reason.clone());
        self.change(id, change, EventType::ReleaseRevoked, audit).await
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
    async fn load_release_to_change(&self, id: &ReleaseId) -> Result<Stored<Release>> {
        let stored = self.load_release(id).await?;
        self.authorize_change(stored.value.resource())?;
        Ok(stored)
    }

    /// Moves a release on, if `change` finds something to do, together with the head of its
    /// channel.
    async fn change(
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
                match release.status {
                    ReleaseStatus::Draft => record(&mut tx, &release, event, audit)?,
                    ReleaseStatus::Published => {
                        make_live(
                            &mut tx,
                            &release,
                            self.load_head(&release).await?,
                            event,
                            audit,
                        )?;
                    }
                    ReleaseStatus::Revoked => {
                        let head = self.load_head(&release).await?;
                        let older = self.left_out(head.as_ref()).await?;
                        withdraw(&mut tx, &release, head, older, event, audit)?;
                    }
                }
                Ok(tx.returning(release))
            })
            .await
    }

    /// The live releases that a truncated head has no room for, newest first. The head's revision
    /// guards them: they can't change without it.
    async fn left_out(&self, head: Option<&Stored<ChannelHead>>) -> Result<Vec<LiveRelease>> {
        let Some(ChannelHead { product_id, channel, live, .. }) =
            head.map(|stored| &stored.value).filter(|head| head.truncated)
        else {
            return Ok(Vec::new());
        };
        let oldest = live.last().map(|live| &live.version);
        let left_out = |release: &Release| {
            release.status == ReleaseStatus::Published
                && oldest.is_none_or(|oldest| release.version < *oldest)
        };
        let older = self.first_releases(product_id, channel, left_out, REFILL).await?;
        Ok(older.iter().map(LiveRelease::from).collect())
    }
}

/// Adds to `tx` what makes `release` live: the head, a use for each artifact, audit and outbox.
fn make_live<T>(
    tx: &mut Transaction<'_, T>,
    release: &Release,
    head: Option<Stored<ChannelHead>>,
    event: EventType,
    audit: &AuditContext,
) -> Result<()> {
    let (head, seen) = seen_or_empty(release, head);
    put_head(tx, &head.with(release), seen)?;
    for artifact in distinct_artifacts(release) {
        let key = schema::artifact_use(artifact, &release.release_id);
        tx.put(Row::new(key, &release.product_id)?)?;
    }
    announce(tx, release, event, audit)
}

/// Adds to `tx` what withdraws `release`: the same rows, the other way round.
fn withdraw<T>(
    tx: &mut Transaction<'_, T>,
    release: &Release,
    head: Option<Stored<ChannelHead>>,
    older: Vec<LiveRelease>,
    event: EventType,
    audit: &AuditContext,
) -> Result<()> {
    let (head, seen) = seen_or_empty(release, head);
    put_head(tx, &head.without(release, older), seen)?;
    for artifact in distinct_artifacts(release) {
        tx.delete_if_exists(&schema::artifact_use(artifact, &release.release_id))?;
    }
    announce(tx, release, event, audit)
}

fn seen_or_empty(
    release: &Release,
    head: Option<Stored<ChannelHead>>,
) -> (ChannelHead, Option<u64>) {
    match head {
        Some(Stored { value, rev }) => (value, Some(rev)),
        None => (ChannelHead::empty(release.product_id.clone(), release.channel.clone()), None),
    }
}

/// The head, and its entry in the release index. The head's revision guards both.
fn put_head<T>(tx: &mut Transaction<'_, T>, head: &ChannelHead, seen: Option<u64>) -> Result<()> {
    tx.put_if_unchanged(head_row(head)?, seen)?;
    let key = schema::index_entry(&head.product_id, &head.channel);
    tx.put(Row::new(key, &IndexEntry::from(head))?.revision(head.revision))
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

fn release_row(release: &Release) -> Result<Row> {
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

fn head_row(head: &ChannelHead) -> Result<Row> {
    Row::new(schema::head(&head.product_id, &head.channel), head)
}
