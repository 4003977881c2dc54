//! The row of an approval.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::approval::{Approval, Rejection, Vote, Voter};
use slipway_domain::{ApprovalId, Error, Result, Timestamp};

use super::StoredEntity;
use super::text::{self, StoredText};

/// What the digest of a change leads to.
impl StoredEntity for ApprovalId {
    type Row<'a> = Cow<'a, str>;

    fn to_row(&self) -> Cow<'_, str> {
        self.to_text()
    }

    fn from_row(row: Cow<'_, str>) -> Result<Self> {
        Self::from_text(row)
    }
}

impl StoredEntity for Approval {
    type Row<'a> = ApprovalRow<'a>;

    fn to_row(&self) -> ApprovalRow<'_> {
        self.into()
    }

    fn from_row(row: ApprovalRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// An approval.
#[derive(Serialize, Deserialize)]
pub(crate) struct ApprovalRow<'a> {
    approval_id: Cow<'a, str>,
    status: Cow<'a, str>,
    operation: Cow<'a, str>,
    product_id: Cow<'a, str>,
    channel: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Cow<'a, str>>,
    required_approvals: u32,
    approvals: Vec<VoterRow<'a>>,
    /// Whose approval did not count any more when the row was written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lapsed: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejection: Option<RejectionRow<'a>>,
    requested_by: VoterRow<'a>,
    expires_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    used_at: Option<Timestamp>,
    change_sha256: Cow<'a, str>,
    change: Cow<'a, serde_json::Value>,
}

/// Somebody who asked for the change, approved or rejected it.
#[derive(Serialize, Deserialize)]
pub(super) struct VoterRow<'a> {
    actor: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
    at: Timestamp,
}

/// A rejection.
#[derive(Serialize, Deserialize)]
pub(super) struct RejectionRow<'a> {
    by: VoterRow<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
}

impl<'a> From<&'a Voter> for VoterRow<'a> {
    fn from(Voter { actor, name, at }: &'a Voter) -> Self {
        Self { actor: actor.into(), name: text::optional(name.as_ref()), at: *at }
    }
}

impl TryFrom<VoterRow<'_>> for Voter {
    type Error = Error;

    fn try_from(VoterRow { actor, name, at }: VoterRow<'_>) -> Result<Self> {
        Ok(Self { actor: actor.into_owned(), name: text::from_optional(name)?, at })
    }
}

impl<'a> From<&'a Rejection> for RejectionRow<'a> {
    fn from(Rejection { by, reason }: &'a Rejection) -> Self {
        Self { by: by.into(), reason: text::optional(reason.as_ref()) }
    }
}

impl TryFrom<RejectionRow<'_>> for Rejection {
    type Error = Error;

    fn try_from(RejectionRow { by, reason }: RejectionRow<'_>) -> Result<Self> {
        Ok(Self { by: by.try_into()?, reason: text::from_optional(reason)? })
    }
}

/// Who has approved.
pub(super) fn voters(votes: &[Vote]) -> Vec<VoterRow<'_>> {
    votes.iter().map(|vote| (&vote.voter).into()).collect()
}

/// Whose approval does not count any more.
pub(super) fn lapsed(votes: &[Vote]) -> Vec<Cow<'_, str>> {
    let lapsed = votes.iter().filter(|vote| !vote.counts);
    lapsed.map(|vote| vote.voter.actor.as_str().into()).collect()
}

/// The approvals of `voters`.
pub(super) fn votes(voters: Vec<VoterRow<'_>>, lapsed: &[Cow<'_, str>]) -> Result<Vec<Vote>> {
    let vote = |voter: VoterRow<'_>| {
        let counts = !lapsed.contains(&voter.actor);
        Ok(Vote { voter: voter.try_into()?, counts })
    };
    voters.into_iter().map(vote).collect()
}

impl<'a> From<&'a Approval> for ApprovalRow<'a> {
    fn from(value: &'a Approval) -> Self {
        Self {
            approval_id: value.approval_id.to_text(),
            status: value.status.to_text(),
            operation: value.operation.to_text(),
            product_id: value.product_id.to_text(),
            channel: value.channel.to_text(),
            release_id: text::optional(value.release_id.as_ref()),
            version: text::optional(value.version.as_ref()),
            required_approvals: value.required_approvals,
            approvals: voters(&value.approvals),
            lapsed: lapsed(&value.approvals),
            rejection: value.rejection.as_ref().map(RejectionRow::from),
            requested_by: (&value.requested_by).into(),
            expires_at: value.expires_at,
            used_at: value.used_at,
            change_sha256: value.change_sha256.to_text(),
            change: Cow::Borrowed(&value.change),
        }
    }
}

impl TryFrom<ApprovalRow<'_>> for Approval {
    type Error = Error;

    fn try_from(row: ApprovalRow<'_>) -> Result<Self> {
        Ok(Self {
            approval_id: StoredText::from_text(row.approval_id)?,
            status: StoredText::from_text(row.status)?,
            operation: StoredText::from_text(row.operation)?,
            product_id: StoredText::from_text(row.product_id)?,
            channel: StoredText::from_text(row.channel)?,
            release_id: text::from_optional(row.release_id)?,
            version: text::from_optional(row.version)?,
            required_approvals: row.required_approvals,
            approvals: votes(row.approvals, &row.lapsed)?,
            rejection: row.rejection.map(Rejection::try_from).transpose()?,
            requested_by: row.requested_by.try_into()?,
            expires_at: row.expires_at,
            used_at: row.used_at,
            change_sha256: StoredText::from_text(row.change_sha256)?,
            change: row.change.into_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rows::{read, write};

    #[test]
    fn an_approval_comes_back_as_it_was_written() {
        let at = Timestamp::UNIX_EPOCH;
        let voter =
            |actor: &str| Voter { actor: actor.into(), name: Some("CI".parse().unwrap()), at };
        let approval = Approval {
            approval_id: "apr_1".parse().unwrap(),
            status: slipway_domain::approval::ApprovalStatus::Rejected,
            operation: slipway_domain::approval::GatedOperation::ReleasePublish,
            product_id: "prod_app".parse().unwrap(),
            channel: "stable".parse().unwrap(),
            release_id: Some("rel_1".parse().unwrap()),
            version: Some("1.0.0".parse().unwrap()),
            required_approvals: 2,
            approvals: vec![
                Vote { voter: voter("tok_1"), counts: true },
                Vote { voter: voter("tok_3"), counts: false },
            ],
            rejection: Some(Rejection { by: voter("tok_2"), reason: Some("no".parse().unwrap()) }),
            requested_by: Voter { actor: "bootstrap".into(), name: None, at },
            expires_at: at,
            used_at: Some(at),
            change_sha256: slipway_domain::Sha256::of(b"change"),
            change: json!({ "operation": "release-publish", "metadata": { "n": 1 } }),
        };
        let read: Approval = read(Approval::FORM, &write(&approval).unwrap()).unwrap();
        assert_eq!(read, approval);
    }
}
