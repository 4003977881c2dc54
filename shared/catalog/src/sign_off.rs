//! Changes of releases that wait for sign-off, where their channel asks for it.

use slipway_domain::approval::{Approval, GatedChange, GatedOperation};
use slipway_domain::audit::EventType;
use slipway_domain::product::ProductRef;
use slipway_domain::release::Release;
use slipway_domain::{ReleaseId, Result};

use crate::approvals::{SignOff, SignOffContext};
use crate::audit::AuditContext;
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
    /// Moves a release on, if `change` finds something to do, once as many others have approved that
    /// as its channel asks for.
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
                let waits = self.gate(&mut tx, &seen.value, &release, operation).await?;
                if let Some(approval) = waits {
                    return Ok(tx.returning(SignOff::Waits(approval.into())));
                }
                self.add_change(&mut tx, &seen, &release, event, audit).await?;
                Ok(tx.returning(SignOff::Made(release)))
            })
            .await
    }

    /// The approval that the change of a release waits for. The product is read only for a change
    /// that may have to wait; what is asked for since does not concern it.
    async fn gate<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        before: &Release,
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
        let change = GatedChange::of_release(operation, Some(&after.release_id), after)?;
        self.require_sign_off(tx, change, required, sign_off).await
    }

    /// The approval that a new release waits for, where `required` others have to approve it. One that
    /// exists with the same content waits for nothing.
    pub(crate) async fn gate_creation<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        release: &Release,
        (required, sign_off): (u32, &SignOffContext),
    ) -> Result<Option<Approval>> {
        if required == 0 || !release.waits_for_sign_off(None) {
            return Ok(None);
        }
        let existing: Option<Stored<Release>> = self.table.get(&key(release)).await?;
        if existing.is_some() {
            return Ok(None);
        }
        let operation = match &release.promoted_from {
            Some(_) => GatedOperation::ReleasePromote,
            None => GatedOperation::ReleaseCreate,
        };
        let change = GatedChange::of_release(operation, release.promoted_from.as_ref(), release)?;
        self.require_sign_off(tx, change, required, sign_off).await
    }
}
