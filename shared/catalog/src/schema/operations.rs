//! What operations leave behind: idempotency keys, audit events, changes and work for the stream.

use jiff::Timestamp;
use jiff::civil::Date;
use slipway_domain::{EventId, GenerationId, ProductId, TenantId};

use super::{Index, Key};

/// The answer to a request with an idempotency key. Actors and operations contain no `#`.
#[must_use]
pub fn idempotency(actor: &str, operation: &str, key: &str) -> Key {
    Key::singleton("IDEMPOTENCY", format_args!("{actor}#{operation}#{key}"))
}

/// What the partition keys of audit events begin with.
pub const AUDIT_EVENTS: &str = "AUDIT#";

/// An audit event, in the partition of its day.
#[must_use]
pub fn audit(at: Timestamp, id: &EventId) -> Key {
    Key::new(format!("AUDIT#{}", at.strftime("%Y-%m-%d")), id.as_str())
}

/// The partition with the audit events of a day.
#[must_use]
pub fn audit_day(day: Date) -> String {
    format!("AUDIT#{}", day.strftime("%Y-%m-%d"))
}

/// A second row of an audit event that is of a product and of a tenant: it stands for the tenant.
#[must_use]
pub fn audit_for_tenant(tenant: &TenantId, id: &EventId) -> Key {
    Key::new(format!("AUDIT#{tenant}"), id.as_str())
}

/// Position of an audit event among all of its actor. Ids of events sort by time.
#[must_use]
pub fn audit_of_actor(actor: &str, id: &EventId) -> (Index, Key) {
    (Index::ByKind, Key::new(audit_by(actor), id.as_str()))
}

/// The partition of [`Index::ByKind`] with the audit events of an actor.
#[must_use]
pub fn audit_by(actor: &str) -> String {
    format!("AUDITBY#{actor}")
}

/// Position of an audit event among all of its product.
#[must_use]
pub fn audit_of_product(product: &ProductId, id: &EventId) -> (Index, Key) {
    (Index::ByRelation, Key::new(audit_of(product), id.as_str()))
}

/// Position of an audit event among all of its tenant.
#[must_use]
pub fn audit_of_tenant(tenant: &TenantId, id: &EventId) -> (Index, Key) {
    (Index::ByRelation, Key::new(audit_of(tenant), id.as_str()))
}

/// The partition of [`Index::ByRelation`] with the audit events of a product or tenant.
#[must_use]
pub fn audit_of(owner: &impl std::fmt::Display) -> String {
    format!("AUDITOF#{owner}")
}

/// Above the ids of all audit events.
#[must_use]
pub fn audit_end() -> String {
    "evt_~".to_owned()
}

/// Between the ids of audit events before `at` and those from then on.
#[must_use]
pub fn audit_from(at: Timestamp) -> String {
    format!("evt_{:012x}", at.as_millisecond().max(0))
}

/// What the partition keys of changes begin with.
pub const CHANGES: &str = "OUTBOX#";

/// What the partition keys of work begin with.
pub const WORK: &str = "WORK#";

/// A change that the stream hands on.
#[must_use]
pub fn outbox(id: &EventId) -> Key {
    Key::singleton("OUTBOX", id)
}

/// Work that the stream hands to a function: for a tenant, or for every tenant. No tenant's id
/// contains `*`.
#[must_use]
pub fn work(generation: &GenerationId, tenant: Option<&TenantId>) -> Key {
    let tenant = tenant.map_or("*", TenantId::as_str);
    Key::singleton("WORK", format_args!("{generation}#{tenant}"))
}
