//! New releases, and what comes about or has to hold together with them.

use slipway_domain::Result;
use slipway_domain::approval::Approval;
use slipway_domain::release::Release;

use crate::approvals::SignOffContext;
use crate::audit::AuditContext;
use crate::authorization::Protected;
use crate::releases::{key, pointer_row, release_row};
use crate::store::{Stored, Transaction, Writer};

/// How a publication ended.
#[derive(Debug, Clone, PartialEq)]
pub enum PublishOutcome {
    /// The release was created.
    Created,
    /// A release of the same content was there already: this one.
    Existing(Box<Release>),
    /// It waits for this approval, and nothing else was changed.
    Waits(Box<Approval>),
}

/// What judges a release as it stands in the attempt.
pub type ReleaseCheck<'a> = &'a (dyn Fn(&Release) -> Result<()> + Send + Sync);

/// A release that is to be stored.
#[derive(Clone, Copy)]
pub struct ReleaseCreation<'a> {
    /// The release.
    pub release: &'a Release,
    /// The change of the product that gets the release's channel; `None` where it has that.
    pub channel: Option<&'a AuditContext>,
    /// Judges the release that this one is promoted from. Without it, what becomes of that one
    /// meanwhile does not matter.
    pub source_check: Option<ReleaseCheck<'a>>,
    /// How many others have to approve it, and what that is recorded with.
    pub sign_off: (u32, &'a SignOffContext),
}

impl Writer {
    /// Stores a new release, and where it is published makes it live.
    ///
    /// # Errors
    /// `forbidden` on a channel that the principal is not bound to; `release_exists` where the
    /// version has other content on the channel; `unknown_channel` for a channel that was removed;
    /// what [`ReleaseCreation::source_check`] refuses.
    pub async fn create_release(
        &self,
        creation: ReleaseCreation<'_>,
        audit: &AuditContext,
    ) -> Result<PublishOutcome> {
        let ReleaseCreation { release, channel, source_check, sign_off } = creation;
        self.authorize_change(release.resource())?;
        self.table
            .transact(|mut tx| async move {
                if let Some(outcome) = self.gate_creation(&mut tx, release, sign_off).await? {
                    return Ok(tx.returning(outcome));
                }
                if let Some(check) = source_check {
                    self.require_source(&mut tx, release, check).await?;
                }
                if let Some(product_audit) = channel {
                    self.add_channel(&mut tx, release, product_audit).await?;
                }
                self.add_release(&mut tx, release, audit).await?;
                Ok(tx.returning(PublishOutcome::Created))
            })
            .await
    }

    /// Makes `tx` depend on the release that `release` is promoted from, as `check` has judged it.
    async fn require_source<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        release: &Release,
        check: ReleaseCheck<'_>,
    ) -> Result<()> {
        let Some(source) = &release.promoted_from else { return Ok(()) };
        let Stored { value, rev } = self.load_release(source).await?;
        check(&value)?;
        tx.require_unchanged(&key(&value), rev)
    }

    /// Adds to `tx` a new release. Where there is one of its version on the channel, that is
    /// answered.
    async fn add_release<'a>(
        &self,
        tx: &mut Transaction<'a, PublishOutcome>,
        release: &'a Release,
        audit: &AuditContext,
    ) -> Result<()> {
        tx.create(release_row(release)?)?
            .or_else(|existing: Release| existing_release(release, existing));
        tx.create(pointer_row(release)?)?;
        self.add_creation(tx, release, audit).await
    }
}

/// What a request for `release` is answered where its version is on the channel already.
///
/// # Errors
/// `release_exists`, with the difference.
pub(crate) fn existing_release(release: &Release, existing: Release) -> Result<PublishOutcome> {
    let difference = release.difference(&existing);
    difference.map_or(Ok(PublishOutcome::Existing(existing.into())), Err)
}
