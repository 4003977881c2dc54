//! The row of a stream's last use.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::{Error, Result, Timestamp};
use slipway_snapshot::StreamUse;

use super::StoredEntity;
use super::text::StoredText;

impl StoredEntity for StreamUse {
    type Row<'a> = StreamUseRow<'a>;

    fn to_row(&self) -> StreamUseRow<'_> {
        self.into()
    }

    fn from_row(row: StreamUseRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// When a stream was last used. Since the version after 0.1.0.
#[derive(Serialize, Deserialize)]
pub(crate) struct StreamUseRow<'a> {
    tenant_id: Cow<'a, str>,
    stream: Cow<'a, str>,
    used_at: Timestamp,
}

impl<'a> From<&'a StreamUse> for StreamUseRow<'a> {
    fn from(value: &'a StreamUse) -> Self {
        Self {
            tenant_id: value.tenant_id.to_text(),
            stream: value.stream.to_text(),
            used_at: value.used_at,
        }
    }
}

impl TryFrom<StreamUseRow<'_>> for StreamUse {
    type Error = Error;

    fn try_from(row: StreamUseRow<'_>) -> Result<Self> {
        Ok(Self {
            tenant_id: StoredText::from_text(row.tenant_id)?,
            stream: StoredText::from_text(row.stream)?,
            used_at: row.used_at,
        })
    }
}
