//! Deleting drafts, with all that is left of them.

use slipway_domain::audit::EventType;
use slipway_domain::release::Release;
use slipway_domain::{ReleaseId, Result};

use crate::audit::AuditContext;
use crate::audited;
use crate::releases::key;
use crate::schema;
use crate::store::{Stored, Writer};

/// How many changes of the history of a draft are deleted with one transaction: DynamoDB takes 100
/// writes.
const CHANGES_AT_ONCE: usize = 90;

impl Writer {
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
        while !self.delete_part_of_draft(id, &check, audit).await? {}
        Ok(())
    }

    /// Deletes as much of a draft as a transaction has room for: the draft itself, and all that is
    /// left of it, once there are no more of the oldest changes of its history to be deleted
    /// before. Tells whether it was deleted.
    async fn delete_part_of_draft(
        &self,
        id: &ReleaseId,
        check: &impl Fn(&Release) -> Result<()>,
        audit: &AuditContext,
    ) -> Result<bool> {
        self.table
            .transact(|mut tx| async move {
                let Stored { value: release, rev } = self.load_release_to_change(id).await?;
                check(&release)?;
                release.require_draft()?;
                let history = self.release_change_keys(id).await?;
                for change in history.iter().take(CHANGES_AT_ONCE) {
                    tx.delete_if_exists(change)?;
                }
                if history.len() > CHANGES_AT_ONCE {
                    tx.require_unchanged(&key(&release), rev.get())?;
                    return Ok(tx.returning(false));
                }
                tx.delete_if_unchanged(&key(&release), rev)?;
                tx.delete_if_exists(&schema::release_pointer(id))?;
                audit.record(&mut tx, EventType::ReleaseDeleted, audited::deleted(&release)?)?;
                Ok(tx.returning(true))
            })
            .await
    }
}
