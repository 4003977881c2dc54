//! Revoking a version: on one channel, or on every channel at once.

use std::collections::BTreeSet;

use serde_json::json;
use slipway_domain::audit::EventType;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::text::Reason;
use slipway_domain::{Channel, Error, ReleaseId, Result};
use slipway_snapshot::IndexEntry;

use crate::audit::AuditContext;
use crate::channel_follows::IndexRow;
use crate::release_index::entries_of_product;
use crate::schema;
use crate::store::{Consistency, Reader, Stored, Transaction, Writer, decode};

/// On how many channels one transaction revokes a version. DynamoDB takes 4 MB in a transaction,
/// and releases with all their metadata and artifacts are the largest of its rows.
const MAX_CHANNELS: usize = 8;
/// How many rows DynamoDB writes in one transaction.
const MAX_ROWS: usize = 100;

impl Reader {
    /// The channels on which the version of `release` is live.
    pub async fn list_live_channels(&self, release: &Release) -> Result<BTreeSet<Channel>> {
        let live = self.load_live_releases_of_version(release).await?;
        Ok(live.into_iter().map(|stored| stored.value.channel).collect())
    }

    /// The live releases that have the product and version of `release`. Reads are consistent: the
    /// release index has every channel on which anything was ever published.
    pub(crate) async fn load_live_releases_of_version(
        &self,
        release: &Release,
    ) -> Result<Vec<Stored<Release>>> {
        let Release { product_id, version, .. } = release;
        let mut keys = Vec::new();
        let listing = entries_of_product(product_id);
        let key = |entry: IndexEntry| schema::release(product_id, &entry.channel, version);
        self.table
            .each_page(&listing, |page: Vec<IndexRow>| {
                keys.extend(page.into_iter().filter_map(IndexRow::into_channel).map(key));
            })
            .await?;
        let rows = self.table.batch_get(keys, Consistency::Strong).await?;
        let mut releases: Vec<Stored<Release>> = rows.iter().map(decode).collect::<Result<_>>()?;
        releases.retain(|stored| stored.value.status == ReleaseStatus::Published);
        Ok(releases)
    }
}

impl Writer {
    /// Withdraws a release for good. Revoking it again changes nothing. `check` judges the release
    /// as it stands before the change.
    ///
    /// # Errors
    /// `not_found`; what `check` refuses; `stale_state` for a draft.
    pub async fn revoke_release(
        &self,
        id: &ReleaseId,
        reason: &Reason,
        check: impl Fn(&Release) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<Release> {
        let change = |release: &Release| {
            check(release)?;
            release.revoked(audit.now, &audit.actor, reason.clone())
        };
        self.change(id, change, EventType::ReleaseRevoked, audit).await
    }

    /// Withdraws a release, and its version on every other channel, in one transaction. Drafts
    /// stay. `check` judges the release that is named, as it stands before the change; `audit`
    /// makes the context of each release's revocation.
    ///
    /// # Errors
    /// As for [`Writer::revoke_release`]; `forbidden` where the principal may not change one of the
    /// channels; `invalid_field` for more than one transaction takes. Nothing was changed then.
    pub async fn revoke_version(
        &self,
        id: &ReleaseId,
        reason: &Reason,
        check: impl Fn(&Release) -> Result<()>,
        audit: impl Fn() -> Result<AuditContext>,
    ) -> Result<Release> {
        let (check, audit) = (&check, &audit);
        self.table
            .transact(|mut tx| async move {
                let named = self.load_release_to_change(id).await?.value;
                check(&named)?;
                named.require_not_draft()?;
                let mut answer = named.clone();
                let live = self.load_live_releases_of_version(&named).await?;
                require_room(&named, &live)?;
                for stored in live {
                    let revoked = self.add_revocation(&mut tx, stored, reason, &audit()?).await?;
                    if revoked.release_id == named.release_id {
                        answer = revoked;
                    }
                }
                Ok(tx.returning(answer))
            })
            .await
    }

    /// Adds to `tx` what revokes a published release.
    async fn add_revocation<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        stored: Stored<Release>,
        reason: &Reason,
        audit: &AuditContext,
    ) -> Result<Release> {
        let seen = self.to_change(stored)?;
        let revoked = seen.value.revoked(audit.now, &audit.actor, reason.clone())?;
        let Some(revoked) = revoked else { return Ok(seen.value) };
        self.add_change(tx, &seen, &revoked, EventType::ReleaseRevoked, audit).await?;
        Ok(revoked)
    }
}

/// Checks that one transaction takes the revocation of all of `live`.
pub(crate) fn require_room(named: &Release, live: &[Stored<Release>]) -> Result<()> {
    /// The release, its history, its head, its entry in the index, its place among the rollouts
    /// that are due, the audit event, the outbox.
    const ROWS: usize = 7;
    let rows = live.iter().map(|Stored { value, .. }| {
        ROWS + value.artifacts.len() + usize::from(value.upgrade_path.required)
    });
    let rows: usize = rows.sum();
    if live.len() <= MAX_CHANNELS && rows <= MAX_ROWS {
        return Ok(());
    }
    let message = format!(
        "version {} is live on {} channels, with {rows} rows to change; at once can be revoked {MAX_CHANNELS} channels and {MAX_ROWS} rows: revoke each release of details by itself",
        named.version,
        live.len()
    );
    let releases: Vec<_> = live
        .iter()
        .map(|Stored { value, .. }| json!({ "release_id": value.release_id, "channel": value.channel }))
        .collect();
    Err(Error::invalid("all_channels", message).with(json!({ "releases": releases })))
}
