//! New releases, and what comes about or has to hold together with them.

use slipway_domain::approval::Approval;
use slipway_domain::product::{NamedProduct, Product, ProductRef};
use slipway_domain::release::Release;
use slipway_domain::{Channel, ReleaseId, Result};

use crate::approvals::{SignOffContext, SignOffTerms};
use crate::audit::AuditContext;
use crate::authorization::Protected;
use crate::authorized_revision::AuthorizedRevision;
use crate::channel_heads::SeenHead;
use crate::release_changes::add_creation;
use crate::releases::{pointer_row, release_row};
use crate::schema;
use crate::store::{Stored, Transaction, Writer};

/// How a publication ended.
#[derive(Debug, Clone, PartialEq)]
pub enum PublishOutcome {
    /// This release was created.
    Created(Box<Release>),
    /// A release of the same content was there already: this one.
    Existing(Box<Release>),
    /// It waits for this approval, and nothing else was changed.
    Waits(Box<Approval>),
}

/// The status that a new release begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitialStatus {
    /// Clients get it.
    Live,
    /// A draft.
    Draft,
}

/// What a new release is made from.
#[derive(Debug, Clone, Copy)]
pub enum ReleaseOrigin<'a> {
    /// A request that names the product.
    Request(&'a NamedProduct, InitialStatus),
    /// This release on another channel, whose clients get the new one at once.
    Promotion(&'a ReleaseId),
}

/// Makes a release of a product, from the release that is promoted, where one is.
pub type MakeRelease<'a> =
    &'a (dyn Fn(&Product, Option<&Release>) -> Result<Release> + Send + Sync);

/// A release that is to be stored. Each attempt makes it anew, from what it has read.
#[derive(Clone, Copy)]
pub struct ReleaseCreation<'a> {
    /// What it is made from.
    pub origin: ReleaseOrigin<'a>,
    /// Channel that it is released on.
    pub channel: &'a Channel,
    /// Makes it.
    pub make: MakeRelease<'a>,
    /// What its creation is recorded with.
    pub audit: &'a (dyn Fn(&Release) -> Result<AuditContext> + Send + Sync),
    /// What the change of the product is recorded with, if that gets the channel.
    pub channel_audit: &'a (dyn Fn() -> Result<AuditContext> + Send + Sync),
    /// What its approval is recorded with.
    pub sign_off: &'a SignOffContext,
}

/// What an attempt to create a release has read: its transaction depends on all of it.
struct Seen {
    source: Option<Stored<Release, AuthorizedRevision>>,
    head: Option<SeenHead>,
    product: Stored<Product>,
}

impl Writer {
    /// Stores a new release, and where it is published makes it live.
    ///
    /// # Errors
    /// `not_found`; `forbidden` on a channel that the principal is not bound to; what
    /// [`ReleaseCreation::make`] refuses; `release_exists` where the version has other content on
    /// the channel; `unknown_channel` for a channel that was removed.
    pub async fn create_release(&self, creation: ReleaseCreation<'_>) -> Result<PublishOutcome> {
        let ReleaseCreation { make, audit, channel_audit, sign_off, .. } = creation;
        self.table
            .transact(|mut tx| async move {
                let seen = self.load_inputs(creation).await?;
                let source = seen.source.as_ref();
                let release = make(&seen.product.value, source.map(|source| &source.value))?;
                self.authorize_change(release.resource())?;
                let required = seen.product.value.required_approvals(&release.channel);
                let revision = source.map(|source| source.rev.get());
                let terms = SignOffTerms { required, revision, context: sign_off };
                let outcome = self.gate_creation(&mut tx, &release, terms).await?;
                if let Some(outcome) = outcome {
                    return Ok(tx.returning(outcome));
                }
                if let Some(source) = source {
                    require_no_change(&mut tx, source)?;
                }
                self.add_channel(&mut tx, &release, seen.product, channel_audit).await?;
                add_release(&mut tx, &release, seen.head.as_ref(), &audit(&release)?)?;
                Ok(tx.returning(PublishOutcome::Created(release.into())))
            })
            .await
    }

    /// Reads what the release is made from.
    async fn load_inputs(
        &self,
        ReleaseCreation { origin, channel, .. }: ReleaseCreation<'_>,
    ) -> Result<Seen> {
        let (source, name, status) = match origin {
            ReleaseOrigin::Request(name, status) => (None, name.clone(), status),
            ReleaseOrigin::Promotion(id) => {
                let source = self.load_release_to_change(id).await?;
                let name = ProductRef::Id(source.value.product_id.clone()).into();
                (Some(source), name, InitialStatus::Live)
            }
        };
        let (product, head) = self.load_product_to_release(&name, channel, status).await?;
        Ok(Seen { source, head, product })
    }
}

/// Adds to `tx` a new release. Where there is one of its version on the channel, that is answered.
fn add_release(
    tx: &mut Transaction<'_, PublishOutcome>,
    release: &Release,
    head: Option<&SeenHead>,
    audit: &AuditContext,
) -> Result<()> {
    let wanted = release.clone();
    tx.create(release_row(release)?)?
        .or_else(move |existing: Release| existing_release(&wanted, existing));
    tx.create(pointer_row(release)?)?;
    add_creation(tx, release, head, audit)
}

/// Makes `tx` depend on a release that was published: each of its changes writes the row of its
/// history that follows on the revision which it has seen. That this row is missing costs less than
/// to look at the release, which may be large.
fn require_no_change<T>(
    tx: &mut Transaction<'_, T>,
    Stored { value, rev }: &Stored<Release, AuthorizedRevision>,
) -> Result<()> {
    tx.require_absent(&schema::release_change(&value.release_id, rev.get() + 1))
}

/// What a request for `release` is answered where its version is on the channel already.
///
/// # Errors
/// `release_exists`, with the difference.
pub(crate) fn existing_release(release: &Release, existing: Release) -> Result<PublishOutcome> {
    let difference = release.difference(&existing);
    difference.map_or(Ok(PublishOutcome::Existing(existing.into())), Err)
}
