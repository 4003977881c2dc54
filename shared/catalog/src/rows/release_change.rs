//! The row of a change in the history of a release.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::release::{ReleaseChange, RolloutTransition, StatusTransition};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::rollout::StagedRolloutRow;
use super::text::StoredText;

impl StoredEntity for ReleaseChange {
    type Row<'a> = ReleaseChangeRow<'a>;

    fn to_row(&self) -> ReleaseChangeRow<'_> {
        self.into()
    }

    fn from_row(row: ReleaseChangeRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A change of a release.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReleaseChangeRow<'a> {
    event_id: Cow<'a, str>,
    event_type: Cow<'a, str>,
    actor: Cow<'a, str>,
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    changed: Vec<Cow<'a, str>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    status: Option<StatusTransitionRow<'a>>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    rollout: Option<RolloutTransitionRow<'a>>,
}

/// A status before and after; without the one before, the release was created.
#[derive(Serialize, Deserialize)]
struct StatusTransitionRow<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    from: Option<Cow<'a, str>>,
    #[serde(borrow)]
    to: Cow<'a, str>,
}

/// A rollout before and after; without the one before, the release was created.
#[derive(Serialize, Deserialize)]
struct RolloutTransitionRow<'a> {
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    from: Option<StagedRolloutRow<'a>>,
    #[serde(borrow)]
    to: StagedRolloutRow<'a>,
}

impl<'a> From<&'a ReleaseChange> for ReleaseChangeRow<'a> {
    fn from(value: &'a ReleaseChange) -> Self {
        let status = value.status.as_ref();
        let rollout = value.rollout.as_ref();
        Self {
            event_id: value.event_id.to_text(),
            event_type: value.event_type.to_text(),
            actor: value.actor.as_str().into(),
            at: value.at,
            changed: value.changed.iter().map(|name| name.as_str().into()).collect(),
            status: status.map(|StatusTransition { from, to }| StatusTransitionRow {
                from: from.as_ref().map(StoredText::to_text),
                to: to.to_text(),
            }),
            rollout: rollout.map(|RolloutTransition { from, to }| RolloutTransitionRow {
                from: from.as_ref().map(Into::into),
                to: to.into(),
            }),
        }
    }
}

impl TryFrom<ReleaseChangeRow<'_>> for ReleaseChange {
    type Error = Error;

    fn try_from(row: ReleaseChangeRow<'_>) -> Result<Self> {
        Ok(Self {
            event_id: StoredText::from_text(row.event_id)?,
            event_type: StoredText::from_text(row.event_type)?,
            actor: row.actor.into_owned(),
            at: row.at,
            changed: row.changed.into_iter().map(Cow::into_owned).collect(),
            status: row.status.map(TryInto::try_into).transpose()?,
            rollout: row.rollout.map(TryInto::try_into).transpose()?,
        })
    }
}

impl TryFrom<StatusTransitionRow<'_>> for StatusTransition {
    type Error = Error;

    fn try_from(row: StatusTransitionRow<'_>) -> Result<Self> {
        let from = row.from.map(StoredText::from_text).transpose()?;
        Ok(Self { from, to: StoredText::from_text(row.to)? })
    }
}

impl TryFrom<RolloutTransitionRow<'_>> for RolloutTransition {
    type Error = Error;

    fn try_from(row: RolloutTransitionRow<'_>) -> Result<Self> {
        let from = row.from.map(TryInto::try_into).transpose()?;
        Ok(Self { from, to: row.to.try_into()? })
    }
}
