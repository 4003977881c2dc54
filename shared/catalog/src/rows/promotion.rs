//! The rows of the promotion of a release bundle: itself, what lists show of it, and what its
//! environment is open for.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_composition::{
    BundlePromotion, BundlePromotionSummary, OpenPromotion, PromotionCounts,
};
use slipway_domain::approval::Rejection;
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::approval::{RejectionRow, VoterRow, lapsed, voters, votes};
use super::text::{StoredText, from_optional, optional};
use crate::numbered_list::ListSegment;
use crate::promotions::ListedPromotion;

impl StoredEntity for ListedPromotion {
    type Row<'a> = PromotionRow<'a>;

    fn to_row(&self) -> PromotionRow<'_> {
        let Self { promotion, segment } = self;
        PromotionRow {
            id: promotion.id.to_text(),
            release_id: promotion.release_id.to_text(),
            release_name: promotion.release_name.to_text(),
            environment_id: promotion.target_environment_id.to_text(),
            status: promotion.status.to_text(),
            reason: optional(promotion.reason.as_ref()),
            required_approvals: promotion.required_approvals,
            approvals: voters(&promotion.approvals),
            lapsed: lapsed(&promotion.approvals),
            rejection: promotion.rejection.as_ref().map(RejectionRow::from),
            created_at: promotion.created_at,
            created_by: Cow::Borrowed(&promotion.created_by),
            started_at: promotion.started_at,
            completed_at: promotion.completed_at,
            segment: segment.0,
        }
    }

    fn from_row(row: PromotionRow<'_>) -> Result<Self> {
        let segment = ListSegment(row.segment);
        Ok(Self { promotion: row.try_into()?, segment })
    }
}

/// The promotion of a release bundle. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct PromotionRow<'a> {
    id: Cow<'a, str>,
    release_id: Cow<'a, str>,
    release_name: Cow<'a, str>,
    environment_id: Cow<'a, str>,
    status: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    required_approvals: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    approvals: Vec<VoterRow<'a>>,
    /// Whose approval did not count any more when the row was written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    lapsed: Vec<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rejection: Option<RejectionRow<'a>>,
    created_at: Timestamp,
    created_by: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
    /// The segment of the list that it is in.
    segment: u64,
}

impl TryFrom<PromotionRow<'_>> for BundlePromotion {
    type Error = Error;

    fn try_from(row: PromotionRow<'_>) -> Result<Self> {
        Ok(Self {
            id: StoredText::from_text(row.id)?,
            release_id: StoredText::from_text(row.release_id)?,
            release_name: StoredText::from_text(row.release_name)?,
            target_environment_id: StoredText::from_text(row.environment_id)?,
            status: StoredText::from_text(row.status)?,
            reason: from_optional(row.reason)?,
            required_approvals: row.required_approvals,
            approvals: votes(row.approvals, &row.lapsed)?,
            rejection: row.rejection.map(Rejection::try_from).transpose()?,
            created_at: row.created_at,
            created_by: row.created_by.into_owned(),
            started_at: row.started_at,
            completed_at: row.completed_at,
        })
    }
}

impl StoredEntity for BundlePromotionSummary {
    type Row<'a> = PromotionSummaryRow<'a>;

    fn to_row(&self) -> PromotionSummaryRow<'_> {
        PromotionSummaryRow {
            id: self.id.to_text(),
            release_id: self.release_id.to_text(),
            release_name: self.release_name.to_text(),
            environment_id: self.target_environment_id.to_text(),
            status: self.status.to_text(),
            created_at: self.created_at,
            completed_at: self.completed_at,
        }
    }

    fn from_row(row: PromotionSummaryRow<'_>) -> Result<Self> {
        Ok(Self {
            id: StoredText::from_text(row.id)?,
            release_id: StoredText::from_text(row.release_id)?,
            release_name: StoredText::from_text(row.release_name)?,
            target_environment_id: StoredText::from_text(row.environment_id)?,
            status: StoredText::from_text(row.status)?,
            created_at: row.created_at,
            completed_at: row.completed_at,
        })
    }
}

/// What lists show of a promotion. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct PromotionSummaryRow<'a> {
    id: Cow<'a, str>,
    release_id: Cow<'a, str>,
    release_name: Cow<'a, str>,
    environment_id: Cow<'a, str>,
    status: Cow<'a, str>,
    created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    completed_at: Option<Timestamp>,
}

impl StoredEntity for OpenPromotion {
    type Row<'a> = OpenPromotionRow<'a>;

    fn to_row(&self) -> OpenPromotionRow<'_> {
        OpenPromotionRow {
            environment_id: self.environment_id.to_text(),
            promotion_id: self.promotion_id.to_text(),
            bundle_id: self.bundle_id.to_text(),
            status: self.status.to_text(),
        }
    }

    fn from_row(row: OpenPromotionRow<'_>) -> Result<Self> {
        Ok(Self {
            environment_id: StoredText::from_text(row.environment_id)?,
            promotion_id: StoredText::from_text(row.promotion_id)?,
            bundle_id: StoredText::from_text(row.bundle_id)?,
            status: StoredText::from_text(row.status)?,
        })
    }
}

/// What an environment is open for. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct OpenPromotionRow<'a> {
    environment_id: Cow<'a, str>,
    promotion_id: Cow<'a, str>,
    bundle_id: Cow<'a, str>,
    status: Cow<'a, str>,
}

/// The promotions of a release bundle, as its row has them.
#[derive(Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PromotionCountsRow {
    #[serde(default)]
    awaiting_approval: u32,
    #[serde(default)]
    in_progress: u32,
    #[serde(default)]
    was_deployed: bool,
}

impl PromotionCountsRow {
    /// Whether there has been none.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl From<PromotionCounts> for PromotionCountsRow {
    fn from(promotions: PromotionCounts) -> Self {
        let PromotionCounts { awaiting_approval, in_progress, was_deployed } = promotions;
        Self { awaiting_approval, in_progress, was_deployed }
    }
}

impl From<PromotionCountsRow> for PromotionCounts {
    fn from(row: PromotionCountsRow) -> Self {
        let PromotionCountsRow { awaiting_approval, in_progress, was_deployed } = row;
        Self { awaiting_approval, in_progress, was_deployed }
    }
}

#[cfg(test)]
mod tests {
    use slipway_composition::{BundlePromotionStatus, EnvironmentId, PromotionId, ReleaseBundleId};
    use slipway_domain::GenerateId;
    use slipway_domain::approval::{Vote, Voter};

    use super::*;
    use crate::rows::{read, write};

    fn promotion() -> BundlePromotion {
        let at = Timestamp::UNIX_EPOCH;
        let voter =
            |actor: &str| Voter { actor: actor.into(), name: Some("CI".parse().unwrap()), at };
        BundlePromotion {
            id: PromotionId::generate(at, [1; 10]),
            release_id: ReleaseBundleId::generate(at, [2; 10]),
            release_name: "myapp-v2.3.1".parse().unwrap(),
            target_environment_id: EnvironmentId::generate(at, [3; 10]),
            status: BundlePromotionStatus::Rejected,
            reason: Some("weekly".parse().unwrap()),
            required_approvals: 2,
            approvals: vec![
                Vote { voter: voter("tok_1"), counts: true },
                Vote { voter: voter("tok_2"), counts: false },
            ],
            rejection: Some(Rejection { by: voter("tok_3"), reason: None }),
            created_at: at,
            created_by: "bootstrap".to_owned(),
            started_at: Some(at),
            completed_at: Some(at),
        }
    }

    #[test]
    fn a_promotion_comes_back_as_it_was_written() {
        let listed = ListedPromotion { promotion: promotion(), segment: ListSegment(7) };
        let back: ListedPromotion = read(ListedPromotion::FORM, &write(&listed).unwrap()).unwrap();
        assert_eq!(back, listed);
        let summary = promotion().summary();
        let back: BundlePromotionSummary =
            read(BundlePromotionSummary::FORM, &write(&summary).unwrap()).unwrap();
        assert_eq!(back, summary);
        let waiting =
            BundlePromotion { status: BundlePromotionStatus::AwaitingApproval, ..promotion() };
        let open = waiting.open().unwrap();
        let back: OpenPromotion = read(OpenPromotion::FORM, &write(&open).unwrap()).unwrap();
        assert_eq!(back, open);
    }
}
