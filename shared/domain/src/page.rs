//! Pages of lists.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

/// A page of a list, and the position of the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T, P> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Position after the last item; `None` on the last page.
    pub next: Option<P>,
}

impl<T, P> Page<T, P> {
    /// Converts the items, keeping the position.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U, P> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next }
    }
}

/// A kind of resource that the API lists in pages.
pub trait Listed {
    /// The member of a page's JSON that holds the items, such as `products`.
    const MEMBER: &'static str;
}

/// Schema of a time: an RFC 3339 string in UTC, with `Z`.
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
