//! The row of a segment of a list with numbered pages. How many entries it has, DynamoDB counts in
//! attributes beside it.

use serde::{Deserialize, Serialize};
use slipway_domain::Result;

use super::StoredEntity;
use crate::numbered_list::ListSegment;

impl StoredEntity for ListSegment {
    type Row<'a> = ListSegmentRow;

    fn to_row(&self) -> ListSegmentRow {
        ListSegmentRow { segment: self.0 }
    }

    fn from_row(row: ListSegmentRow) -> Result<Self> {
        Ok(Self(row.segment))
    }
}

/// The number of a segment.
#[derive(Serialize, Deserialize)]
pub(crate) struct ListSegmentRow {
    segment: u64,
}
