//! Changes of releases that wait for sign-off, where their channel asks for it.

use slipway_domain::approval::{Approval, GatedChange, GatedOperation};
use slipway_domain::audit::EventType;
use slipway_domain::product::ProductRef;
use slipway_domain::release::Release;
use slipway_domain::{ReleaseId, Result};

use crate::approvals::{SignOff, SignOffContext, SignOffTerms};
use crate::audit::AuditContext;
use crate::release_creation::{PublishOutcome, existing_release};
use crate::releases::key;
use crate::store::{Stored, Transaction, Writer};

/// An operation that changes a release, and how it is recorded.
#[derive(Clone, Copy)]
pub(crate) struct ReleaseOperation<'a> {
    /// The operation.
    pub(crate) operation: GatedOperation,
    /// Its audit event.
    pub(crate) event: EventType,
    /// What the change is recorded with.
    pub(crate) audit: &'a AuditContext,
    /// What its approval is recorded with.
    pub(crate) sign_off: &'a SignOffContext,
}

impl Writer {
    /// Moves a release on, if `change` finds something to do, once as many others have approved
    /// that as its channel asks for.
    pub(crate) async fn change_with_sign_off(
        &self,
        id: &ReleaseId,
        change: impl Fn(&Release) -> Result<Option<Release>>,
        operation: ReleaseOperation<'_>,
    ) -> Result<SignOff<Release>> {
        let change = &change;
        let ReleaseOperation { event, audit, .. } = operation;
        self.table
            .transact(|mut tx| async move {
                let seen = self.load_release_to_change(id).await?;
                let Some(release) = change(&seen.value)? else {
                    return Ok(tx.returning(SignOff::Made(seen.value)));
                };
                // Before the rule that the gate asks for: what raises that writes the head.
                let head = self.load_head_of(&release).await?;
                let before = (&seen.value, seen.rev.get());
                let waits = self.gate(&mut tx, before, &release, operation).await?;
                if let Some(approval) = waits {
                    return Ok(tx.returning(SignOff::Waits(approval.into())));
                }
                let recorded = (event, audit);
                self.add_change_to_head(&mut tx, &seen, &release, head.as_ref(), recorded).await?;
                Ok(tx.returning(SignOff::Made(release)))
            })
            .await
    }

    /// The approval that the change of a release waits for. The product is read only for a change
    /// that may have to wait.
    async fn gate<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        (before, revision): (&Release, u64),
        after: &Release,
        ReleaseOperation { operation, sign_off, .. }: ReleaseOperation<'_>,
    ) -> Result<Option<Approval>> {
        if !after.waits_for_sign_off(Some(before)) {
            return Ok(None);
        }
        let product = self.get_product(&ProductRef::Id(after.product_id.clone())).await?;
        let required = product.required_approvals(&after.channel);
        if required == 0 {
            return Ok(None);
        }
        let change =
            GatedChange::of_release(operation, Some(&after.release_id), Some(before), after)?;
        let revision = Some(revision);
        let terms = SignOffTerms { required, revision, context: sign_off };
        self.require_sign_off(tx, change, terms).await
    }

    /// What a new release comes to where others have to approve it: it waits, or there is one of
    /// its version. `None`: it may be created in `tx`.
    pub(crate) async fn gate_creation<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        release: &Release,
        terms: SignOffTerms<'_>,
    ) -> Result<Option<PublishOutcome>> {
        if terms.required == 0 || !release.waits_for_sign_off(None) {
            return Ok(None);
        }
        let existing: Option<Stored<Release>> = self.table.get(&key(release)).await?;
        if let Some(Stored { value, .. }) = existing {
            // Answered here: it may be a draft that is deleted before anything could be written,
            // and nothing was approved.
            return existing_release(release, value).map(Some);
        }
        let operation = match &release.promoted_from {
            Some(_) => GatedOperation::ReleasePromote,
            None => GatedOperation::ReleaseCreate,
        };
        let change =
            GatedChange::of_release(operation, release.promoted_from.as_ref(), None, release)?;
        let approval = self.require_sign_off(tx, change, terms).await?;
        Ok(approval.map(|approval| PublishOutcome::Waits(approval.into())))
    }
}
