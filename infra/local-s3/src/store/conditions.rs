//! Conditional requests.

use s3s::dto::{ETagCondition, Timestamp};

use super::objects::Object;
use crate::{error::Outcome, refusals};

/// The conditions under which an object is read, or copied from.
#[expect(clippy::struct_field_names, reason = "these are the names of the headers")]
#[derive(Debug, Default)]
pub(crate) struct ReadConditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_modified_since: Option<Timestamp>,
    pub(crate) if_unmodified_since: Option<Timestamp>,
}

/// What the conditions of a read come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConditionOutcome {
    /// Go on.
    Hold,
    /// 412.
    Fail,
    /// The client has this version: 304 where something is read, 412 where it is copied.
    NotModified,
}

impl ReadConditions {
    /// Weighs the conditions in the order of RFC 9110, section 13.2.2: an `ETag` outweighs a date.
    pub(crate) fn judge(&self, object: &Object) -> ConditionOutcome {
        let unchanged = match (&self.if_match, &self.if_unmodified_since) {
            (Some(wanted), _) => matches(wanted, &object.etag),
            (None, Some(date)) => !object.is_modified_since(date),
            (None, None) => true,
        };
        if !unchanged {
            return ConditionOutcome::Fail;
        }
        let is_news = match (&self.if_none_match, &self.if_modified_since) {
            (Some(known), _) => !matches(known, &object.etag),
            (None, Some(date)) => object.is_modified_since(date),
            (None, None) => true,
        };
        if is_news { ConditionOutcome::Hold } else { ConditionOutcome::NotModified }
    }
}

/// The conditions under which an object is written or deleted.
#[derive(Debug, Default)]
pub(crate) struct WriteConditions {
    pub(crate) if_match: Option<ETagCondition>,
    pub(crate) if_none_match: Option<ETagCondition>,
}

impl WriteConditions {
    /// Refuses if what is there now is not what was demanded.
    pub(super) fn check(&self, existing: Option<&Object>) -> Outcome<()> {
        if let Some(wanted) = &self.if_match {
            let object = existing.ok_or_else(refusals::no_such_key)?;
            if !matches(wanted, &object.etag) {
                return Err(refusals::precondition_failed().into());
            }
        }
        match &self.if_none_match {
            Some(ETagCondition::Any) if existing.is_some() => {
                Err(refusals::precondition_failed().into())
            }
            Some(ETagCondition::ETag(_)) => {
                Err(refusals::not_implemented("If-None-Match other than * on writes").into())
            }
            _ => Ok(()),
        }
    }
}

fn matches(condition: &ETagCondition, etag: &str) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(wanted) => wanted.value() == etag,
    }
}
