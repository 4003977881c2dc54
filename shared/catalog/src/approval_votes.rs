//! Others approve or reject a change.

use slipway_domain::approval::Approval;
use slipway_domain::audit::EventType;
use slipway_domain::release::ReleaseStatus;
use slipway_domain::text::Reason;
use slipway_domain::{ApprovalId, Code, Error, Result, Sha256};

use crate::approval_standing::may_vote;
use crate::approvals::approval_row;
use crate::audit::AuditContext;
use crate::audited;
use crate::authorized_revision::AuthorizedRevision;
use crate::releases::key;
use crate::store::{Stored, Transaction, Writer};

impl Writer {
    /// Approves the change `seen`. Approving it again changes nothing.
    ///
    /// # Errors
    /// `not_found` or `forbidden`; `stale_state` where its release was revoked or deleted; as for
    /// [`Approval::approved`].
    pub async fn approve(
        &self,
        id: &ApprovalId,
        seen: &Sha256,
        audit: &AuditContext,
    ) -> Result<Approval> {
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.load_approval_to_vote(id).await?;
                let stands = self.standing(&value, audit).await?;
                let Some(approved) = stands.approved(self.voter(audit.now), seen)? else {
                    return Ok(tx.returning(stands));
                };
                self.require_release(&mut tx, &value).await?;
                tx.replace(approval_row(&approved)?, rev)?;
                let subject = audited::updated(&value, &approved)?;
                audit.record(&mut tx, EventType::ApprovalApproved, subject)?;
                Ok(tx.returning(approved))
            })
            .await
    }

    /// Rejects a change.
    ///
    /// # Errors
    /// `not_found` or `forbidden`; as for [`Approval::rejected`].
    pub async fn reject(
        &self,
        id: &ApprovalId,
        reason: Option<&Reason>,
        audit: &AuditContext,
    ) -> Result<Approval> {
        self.table
            .transact(|mut tx| async move {
                let Stored { value, rev } = self.load_approval_to_vote(id).await?;
                let stands = self.standing(&value, audit).await?;
                let rejected = stands.rejected(self.voter(audit.now), reason.cloned())?;
                tx.replace(approval_row(&rejected)?, rev)?;
                let subject = audited::updated(&value, &rejected)?;
                audit.record(&mut tx, EventType::ApprovalRejected, subject)?;
                Ok(tx.returning(rejected))
            })
            .await
    }

    /// The approval, if the principal may make its change: who votes on a change of the product has
    /// to be able to change that.
    async fn load_approval_to_vote(
        &self,
        id: &ApprovalId,
    ) -> Result<Stored<Approval, AuthorizedRevision>> {
        let stored = self.to_change(self.load_approval(id).await?)?;
        may_vote(&self.principal, &stored.value)?;
        Ok(stored)
    }

    /// `approval` as it stands when somebody votes.
    async fn standing(&self, approval: &Approval, audit: &AuditContext) -> Result<Approval> {
        let stands = self.as_they_stand(vec![approval.clone()], audit.now).await?.pop();
        stands.ok_or_else(|| Error::not_found("approval", &approval.approval_id))
    }

    /// Makes `tx` depend on the release that the change is about, which must not be revoked.
    async fn require_release<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        approval: &Approval,
    ) -> Result<()> {
        let Some(id) = &approval.release_id else { return Ok(()) };
        let gone = |what: &str| {
            let message = format!("{id} {what}, so that the change can't be made any more");
            Error::new(Code::StaleState, message)
        };
        let Stored { value, rev } = match self.load_release(id).await {
            Err(error) if error.code() == Code::NotFound => return Err(gone("was deleted")),
            outcome => outcome?,
        };
        if value.status == ReleaseStatus::Revoked {
            return Err(gone("was revoked"));
        }
        tx.require_unchanged(&key(&value), rev)
    }
}
