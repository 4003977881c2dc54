//! Others approve or reject a change.

use slipway_domain::approval::Approval;
use slipway_domain::audit::EventType;
use slipway_domain::release::{Release, ReleaseStatus};
use slipway_domain::text::Reason;
use slipway_domain::{ApprovalId, Code, Error, ReleaseId, Result, Sha256};

use crate::approval_evaluation::may_vote;
use crate::approvals::{approval_row, record};
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
                self.require_no_workload()?;
                let current = self.evaluated(&value, audit).await?;
                let Some(approved) = current.approved(self.voter(audit.now), seen)? else {
                    return Ok(tx.returning(current));
                };
                let revision = self.require_release(&mut tx, &value).await?;
                tx.replace(approval_row(&approved)?, rev)?;
                let event = EventType::ApprovalApproved;
                let recorded = (event, audited::updated(&value, &approved)?);
                record(&mut tx, recorded, (&approved, revision), audit)?;
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
                let current = self.evaluated(&value, audit).await?;
                let rejected = current.rejected(self.voter(audit.now), reason.cloned())?;
                let revision = self.find_revision(&value).await?;
                tx.replace(approval_row(&rejected)?, rev)?;
                let event = EventType::ApprovalRejected;
                let recorded = (event, audited::updated(&value, &rejected)?);
                record(&mut tx, recorded, (&rejected, revision), audit)?;
                Ok(tx.returning(rejected))
            })
            .await
    }

    /// Makes sure that the principal is no workload of a CI system: whoever starts two jobs would
    /// be two.
    pub(crate) fn require_no_workload(&self) -> Result<()> {
        if !self.principal.is_workload() {
            return Ok(());
        }
        let message = "a change is approved by people; this token was exchanged for a job's JWT";
        Err(Error::new(Code::Forbidden, message))
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
    async fn evaluated(&self, approval: &Approval, audit: &AuditContext) -> Result<Approval> {
        let current = self.evaluate_approvals(vec![approval.clone()], audit.now).await?.pop();
        current.ok_or_else(|| Error::not_found("approval", &approval.approval_id))
    }

    /// Makes `tx` depend on the release that the change is about, which must not be revoked. Its
    /// revision, where there is one.
    async fn require_release<T>(
        &self,
        tx: &mut Transaction<'_, T>,
        approval: &Approval,
    ) -> Result<Option<u64>> {
        let Some(id) = &approval.release_id else { return Ok(None) };
        let gone = |what: &str| {
            let message = format!("{id} {what}, so that the change can't be made any more");
            Error::new(Code::StaleState, message)
        };
        let Some(Stored { value, rev }) = self.find_release_by_id(id).await? else {
            return Err(gone("was deleted"));
        };
        if value.status == ReleaseStatus::Revoked {
            return Err(gone("was revoked"));
        }
        tx.require_unchanged(&key(&value), rev)?;
        Ok(Some(rev))
    }

    /// The revision of the release that the change is about; `None` for another one, and where the
    /// release was deleted: what was rejected then is found by its product.
    async fn find_revision(&self, approval: &Approval) -> Result<Option<u64>> {
        let Some(id) = &approval.release_id else { return Ok(None) };
        Ok(self.find_release_by_id(id).await?.map(|stored| stored.rev))
    }

    async fn find_release_by_id(&self, id: &ReleaseId) -> Result<Option<Stored<Release>>> {
        match self.load_release(id).await {
            Ok(stored) => Ok(Some(stored)),
            Err(error) if error.code() == Code::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
