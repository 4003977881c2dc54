//! What changes with a release: the head of its channel, its history, its place among the rollouts
//! that are due, the uses of its artifacts, audit and outbox.

use std::collections::BTreeSet;

use slipway_domain::audit::EventType;
use slipway_domain::channel_head::ChannelHead;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::{ArtifactId, Error, ReleaseId, Result};

use crate::audit::AuditContext;
use crate::audited;
use crate::authorized_revision::AuthorizedRevision;
use crate::channel_heads::{SeenHead, put_head};
use crate::halting::add_check;
use crate::release_history::add_to_history;
use crate::release_rollouts::move_due_rollout;
use crate::releases::release_row;
use crate::required_releases::{delete_required, put_or_delete_required};
use crate::schema;
use crate::store::{Row, Stored, Transaction, Writer};

/// A release before a change, unless it is created, and after it.
type Transition<'a> = (Option<&'a Release>, &'a Release);

/// Adds to `tx` what follows from a new release. One that is published changes the `head` of its
/// channel.
pub(crate) fn add_creation<T>(
    tx: &mut Transaction<'_, T>,
    release: &Release,
    head: Option<&SeenHead>,
    audit: &AuditContext,
) -> Result<()> {
    move_due_rollout(tx, None, release)?;
    if release.status != ReleaseStatus::Published {
        let event = EventType::ReleaseDrafted;
        add_to_history(tx, None, release, event, audit)?;
        return record(tx, (None, release), event, audit);
    }
    add_to_history(tx, None, release, EventType::ReleasePublished, audit)?;
    publish(tx, (None, release), require_head(release, head)?, audit)
}

fn require_head<'a>(release: &Release, head: Option<&'a SeenHead>) -> Result<&'a SeenHead> {
    let message =
        || format!("{} changes, and the head of its channel was not read", release.release_id);
    head.ok_or_else(|| Error::internal(message()))
}

impl Writer {
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
                let seen = self.load_release_to_change(id).await?;
                let Some(release) = change(&seen.value)? else {
                    return Ok(tx.returning(seen.value));
                };
                self.add_change(&mut tx, &seen, &release, event, audit).await?;
                Ok(tx.returning(release))
            })
            .await
    }

    /// Adds to `tx` what moves a release on from what was `seen`, together with the head of its
    /// channel, its history and its place among the rollouts that are due. Where it may be halted
    /// by another rule, its reports are looked at.
    pub(crate) async fn add_change<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        seen: &Stored<Release, AuthorizedRevision>,
        release: &Release,
        event: EventType,
        audit: &AuditContext,
    ) -> Result<()> {
        let head = self.load_head_of(release).await?;
        self.add_change_to_head(tx, seen, release, head.as_ref(), (event, audit)).await
    }

    /// The head of the channel of `release`, which its changes write; `None` for a draft, whose
    /// changes do not.
    pub(crate) async fn load_head_of(&self, release: &Release) -> Result<Option<SeenHead>> {
        match release.status {
            ReleaseStatus::Draft => Ok(None),
            _ => self.load_head(&release.product_id, &release.channel).await.map(Some),
        }
    }

    /// Adds to `tx` the same, where the head of the channel was read already.
    pub(crate) async fn add_change_to_head<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        seen: &Stored<Release, AuthorizedRevision>,
        release: &Release,
        head: Option<&SeenHead>,
        (event, audit): (EventType, &AuditContext),
    ) -> Result<()> {
        let Stored { value: before, rev } = seen;
        let change = (Some(before), release);
        tx.replace(release_row(release)?, *rev)?;
        move_due_rollout(tx, Some(before), release)?;
        add_to_history(tx, Some((before, rev.get())), release, event, audit)?;
        if release.status == ReleaseStatus::Draft {
            return record(tx, change, event, audit);
        }
        let seen = require_head(release, head)?;
        let head = seen.head.clone();
        match (before.status, release.status) {
            (_, ReleaseStatus::Revoked) => {
                let next = self.completed(head.withdrawn(release)).await?;
                withdraw(tx, change, (&next, seen), audit)
            }
            (ReleaseStatus::Draft, _) => publish(tx, change, seen, audit),
            _ => {
                let next = self.completed(head.changed(before, release)).await?;
                put_head(tx, &next, seen)?;
                put_or_delete_required(tx, Some(before), release)?;
                if release.halting.halt_on != before.halting.halt_on {
                    add_check(tx, release, audit.event_id.as_str(), audit.now)?;
                }
                announce(tx, change, event, audit)
            }
        }
    }
}

/// Adds to `tx` what makes `release` live: the head, a use for each artifact, audit and outbox.
fn publish<T>(
    tx: &mut Transaction<'_, T>,
    (before, release): Transition<'_>,
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
    announce(tx, (before, release), EventType::ReleasePublished, audit)
}

/// Adds to `tx` what withdraws `release`: the same rows, the other way round.
fn withdraw<T>(
    tx: &mut Transaction<'_, T>,
    (before, release): Transition<'_>,
    (head, seen): (&ChannelHead, &SeenHead),
    audit: &AuditContext,
) -> Result<()> {
    put_head(tx, head, seen)?;
    delete_required(tx, release)?;
    for artifact in distinct_artifacts(release) {
        tx.delete_if_exists(&schema::artifact_use(artifact, &release.release_id))?;
    }
    announce(tx, (before, release), EventType::ReleaseRevoked, audit)
}

/// A transaction may touch a row once, and a release may have the same artifact for several
/// machines.
fn distinct_artifacts(release: &Release) -> BTreeSet<&ArtifactId> {
    release.artifacts.iter().map(|artifact| &artifact.artifact_id).collect()
}

fn record<T>(
    tx: &mut Transaction<'_, T>,
    (before, after): Transition<'_>,
    event: EventType,
    audit: &AuditContext,
) -> Result<()> {
    audit.record(tx, event, audited::put(before, after)?)
}

fn announce<T>(
    tx: &mut Transaction<'_, T>,
    (before, release): Transition<'_>,
    event: EventType,
    audit: &AuditContext,
) -> Result<()> {
    record(tx, (before, release), event, audit)?;
    audit.announce(tx, event, &release.product_id, &release.channel)
}
