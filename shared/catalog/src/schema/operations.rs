//! What operations leave behind: idempotency keys, audit events, changes and work for the stream.

use jiff::Timestamp;
use slipway_domain::{EventId, GenerationId, TenantId};

use super::Key;

/// The answer to a request with an idempotency key. Actors and operations contain no `#`.
#[must_use]
pub fn idempotency(actor: &str, operation: &str, key: &str) -> Key {
    Key::singleton("IDEMPOTENCY", format_args!("{actor}#{operation}#{key}"))
}

/// An audit event, in the partition of its day.
#[must_use]
pub fn audit(at: Timestamp, id: &EventId) -> Key {
    Key::new(format!("AUDIT#{}", at.strftime("%Y-%m-%d")), id.as_str())
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
