//! Who approves and who rejects.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Approval, ApprovalStatus};
use crate::text::{Name, Reason};
use crate::{Code, Error, Result, Sha256};

/// Somebody who asks for a change, approves or rejects it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Voter {
    /// The actor, as the audit log names it: a token id, `bootstrap`, `oidc:` and an operator's `sub`, or
    /// of a request a trust rule's id, `:` and a workload's `sub`: workloads approve nothing.
    pub actor: String,
    /// Display name of the token or operator; null for the bootstrap key, and an operator whose JWT has none.
    pub name: Option<Name>,
    /// When, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub at: Timestamp,
}

/// Somebody's approval of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Vote {
    /// Who, and when.
    #[serde(flatten)]
    pub voter: Voter,
    /// Whether it counts: not once the token that approved was revoked or has expired. Of a change that
    /// was made or rejected, whether it did then.
    pub counts: bool,
}

/// A rejection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rejection {
    /// Who has rejected the change.
    pub by: Voter,
    /// Why; null if no reason was given.
    pub reason: Option<Reason>,
}

/// Request body of approval-approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApproval {
    /// The `change_sha256` of the approval that was read: what is approved is that change.
    pub change_sha256: Sha256,
}

/// Request body of approval-reject, optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRejection {
    /// Why, told to whoever asked for the change. Default: no reason.
    pub reason: Option<Reason>,
}

impl Approval {
    /// The approval, [evaluated](Self::evaluated) by now, approved by one more; `None` if that one has
    /// approved it already.
    ///
    /// # Errors
    /// `forbidden` for who asked for the change; `stale_state` for another change than `seen`, and
    /// where it does not wait for approvals any more.
    pub fn approved(&self, by: Voter, seen: &Sha256) -> Result<Option<Self>> {
        if *seen != self.change_sha256 {
            let message = format!(
                "{} is about the change {}, not {seen}; read it again",
                self.approval_id, self.change_sha256
            );
            return Err(Error::new(Code::StaleState, message).at("change_sha256"));
        }
        self.refuse_own(&by)?;
        let has_voted = self.approvals.iter().any(|vote| vote.voter.actor == by.actor);
        if has_voted && self.is_open(by.at) {
            return Ok(None);
        }
        self.require(&[ApprovalStatus::Pending])?;
        let mut next = self.clone();
        next.approvals.push(Vote { voter: by, counts: true });
        Ok(Some(next.decided(self.required_approvals)))
    }

    /// The approval, [evaluated](Self::evaluated) by now, rejected: the change can't be made by it.
    ///
    /// # Errors
    /// `stale_state` where it was used, rejected or expired.
    pub fn rejected(&self, by: Voter, reason: Option<Reason>) -> Result<Self> {
        self.require(&[ApprovalStatus::Pending, ApprovalStatus::Approved])?;
        let rejection = Some(Rejection { by, reason });
        Ok(Self { status: ApprovalStatus::Rejected, rejection, ..self.clone() })
    }

    fn refuse_own(&self, by: &Voter) -> Result<()> {
        if by.actor != self.requested_by.actor {
            return Ok(());
        }
        let message = format!("{} asked for this change; others have to approve it", by.actor);
        Err(Error::new(Code::Forbidden, message))
    }

    fn require(&self, statuses: &[ApprovalStatus]) -> Result<()> {
        if statuses.contains(&self.status) {
            return Ok(());
        }
        let status = json!(self.status);
        let message = format!(
            "{} is {}; repeat the request of the change to ask anew",
            self.approval_id,
            status.as_str().unwrap_or_default()
        );
        Err(Error::new(Code::StaleState, message).with(json!({ "status": status })))
    }
}
