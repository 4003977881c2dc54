//! The rows of audit events and of changes in the outbox.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_domain::audit::AuditEvent;
use slipway_domain::{Error, Result, Timestamp};
use slipway_snapshot::CatalogChange;

use super::StoredEntity;
use super::text::StoredText;

impl StoredEntity for AuditEvent {
    type Row<'a> = AuditEventRow<'a>;

    fn to_row(&self) -> AuditEventRow<'_> {
        self.into()
    }

    fn from_row(row: AuditEventRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// An audit event.
#[derive(Serialize, Deserialize)]
pub(crate) struct AuditEventRow<'a> {
    event_id: Cow<'a, str>,
    event_type: Cow<'a, str>,
    actor: Cow<'a, str>,
    subject: Cow<'a, str>,
    at: Timestamp,
    request_id: Cow<'a, str>,
}

impl<'a> From<&'a AuditEvent> for AuditEventRow<'a> {
    fn from(value: &'a AuditEvent) -> Self {
        Self {
            event_id: value.event_id.to_text(),
            event_type: value.event_type.to_text(),
            actor: value.actor.as_str().into(),
            subject: value.subject.as_str().into(),
            at: value.at,
            request_id: value.request_id.as_str().into(),
        }
    }
}

impl TryFrom<AuditEventRow<'_>> for AuditEvent {
    type Error = Error;

    fn try_from(row: AuditEventRow<'_>) -> Result<Self> {
        Ok(Self {
            event_id: StoredText::from_text(row.event_id)?,
            event_type: StoredText::from_text(row.event_type)?,
            actor: row.actor.into_owned(),
            subject: row.subject.into_owned(),
            at: row.at,
            request_id: row.request_id.into_owned(),
        })
    }
}

impl StoredEntity for CatalogChange {
    type Row<'a> = CatalogChangeRow<'a>;

    fn to_row(&self) -> CatalogChangeRow<'_> {
        self.into()
    }

    fn from_row(row: CatalogChangeRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A change in the outbox. Version 0.1.0 also wrote `base_url`, which is a setting since.
#[derive(Serialize, Deserialize)]
pub(crate) struct CatalogChangeRow<'a> {
    event_id: Cow<'a, str>,
    event_type: Cow<'a, str>,
    product_id: Cow<'a, str>,
    channel: Cow<'a, str>,
    at: Timestamp,
}

impl<'a> From<&'a CatalogChange> for CatalogChangeRow<'a> {
    fn from(value: &'a CatalogChange) -> Self {
        Self {
            event_id: value.event_id.to_text(),
            event_type: value.event_type.to_text(),
            product_id: value.product_id.to_text(),
            channel: value.channel.to_text(),
            at: value.at,
        }
    }
}

impl TryFrom<CatalogChangeRow<'_>> for CatalogChange {
    type Error = Error;

    fn try_from(row: CatalogChangeRow<'_>) -> Result<Self> {
        Ok(Self {
            event_id: StoredText::from_text(row.event_id)?,
            event_type: StoredText::from_text(row.event_type)?,
            product_id: StoredText::from_text(row.product_id)?,
            channel: StoredText::from_text(row.channel)?,
            at: row.at,
        })
    }
}
