//! The rows of audit events and of changes in the outbox.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use slipway_domain::audit::{AuditEvent, Members};
use slipway_domain::{Error, Result, Timestamp};
use slipway_snapshot::CatalogChange;

use super::StoredEntity;
use super::text::{StoredText, from_optional, optional};

impl StoredEntity for AuditEvent {
    type Row<'a> = AuditEventRow<'a>;

    fn to_row(&self) -> AuditEventRow<'_> {
        self.into()
    }

    fn from_row(row: AuditEventRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// An audit event. Version 0.1.0 wrote neither names, nor what the subject belongs to, nor values.
#[derive(Serialize, Deserialize)]
pub(crate) struct AuditEventRow<'a> {
    event_id: Cow<'a, str>,
    event_type: Cow<'a, str>,
    actor: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    actor_name: Option<Cow<'a, str>>,
    subject: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    product_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    release_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant_id: Option<Cow<'a, str>>,
    at: Timestamp,
    request_id: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Cow<'a, Map<String, Value>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    after: Option<Cow<'a, Map<String, Value>>>,
}

impl<'a> From<&'a AuditEvent> for AuditEventRow<'a> {
    fn from(value: &'a AuditEvent) -> Self {
        Self {
            event_id: value.event_id.to_text(),
            event_type: value.event_type.to_text(),
            actor: value.actor.as_str().into(),
            actor_name: value.actor_name.as_deref().map(Cow::Borrowed),
            subject: value.subject.as_str().into(),
            product_id: optional(value.product_id.as_ref()),
            release_id: optional(value.release_id.as_ref()),
            tenant_id: optional(value.tenant_id.as_ref()),
            at: value.at,
            request_id: value.request_id.as_str().into(),
            before: value.before.as_ref().map(|members| Cow::Borrowed(members.as_map())),
            after: value.after.as_ref().map(|members| Cow::Borrowed(members.as_map())),
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
            actor_name: row.actor_name.map(Cow::into_owned),
            subject: row.subject.into_owned(),
            product_id: from_optional(row.product_id)?,
            release_id: from_optional(row.release_id)?,
            tenant_id: from_optional(row.tenant_id)?,
            at: row.at,
            request_id: row.request_id.into_owned(),
            before: row.before.map(Cow::into_owned).map(Members::from_stored),
            after: row.after.map(Cow::into_owned).map(Members::from_stored),
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
