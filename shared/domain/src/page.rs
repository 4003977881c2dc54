//! Lists come in pages.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

/// One page of a list, and where the next one starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T, P> {
    /// The things on this page.
    pub items: Vec<T>,
    /// The position after the last thing; `None` where the list ends.
    pub next: Option<P>,
}

impl<T, P> Page<T, P> {
    /// The same page of other things.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U, P> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}

/// Stands for a time in schemas: an RFC 3339 text in UTC, with `Z`.
pub struct Rfc3339;

impl JsonSchema for Rfc3339 {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Rfc3339".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}
