//! Pages of lists with a cursor: `{"<items>": [...], "next_cursor": null or "..."}`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use slipway_domain::page::Listed;

/// One page of a list of `T`. In JSON its items are the member that [`Listed::MEMBER`] names.
#[derive(Debug)]
pub struct CursorPage<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

impl<T> CursorPage<T> {
    pub(crate) fn new(items: Vec<T>, next_cursor: Option<String>) -> Self {
        Self { items, next_cursor }
    }

    /// The only page of a list.
    #[must_use]
    pub fn only(items: Vec<T>) -> Self {
        Self::new(items, None)
    }
}

impl<T: Listed + Serialize> Serialize for CursorPage<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("CursorPage", 2)?;
        page.serialize_field(T::MEMBER, &self.items)?;
        page.serialize_field("next_cursor", &self.next_cursor)?;
        page.end()
    }
}

impl<T: Listed + JsonSchema> JsonSchema for CursorPage<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("{}Page", T::schema_name()).into()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "A page of a list.",
            "properties": {
                (T::MEMBER): {
                    "type": "array",
                    "items": schemas.subschema_for::<T>(),
                    "description": "Items of this page; empty if there are none.",
                },
                "next_cursor": {
                    "type": ["string", "null"],
                    "description": "Cursor of the next page; null on the last page.",
                },
            },
            "required": [T::MEMBER],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Serialize, JsonSchema)]
    struct Mirror {
        id: u8,
    }

    impl Listed for Mirror {
        const MEMBER: &'static str = "mirrors";
    }

    #[test]
    fn a_page_bears_the_name_of_what_it_lists() {
        let page = CursorPage::new(vec![Mirror { id: 1 }], Some("abc".to_owned()));
        assert_eq!(json!(page), json!({ "mirrors": [{ "id": 1 }], "next_cursor": "abc" }));
        assert_eq!(
            json!(CursorPage::<Mirror>::only(Vec::new())),
            json!({ "mirrors": [], "next_cursor": null })
        );
    }

    #[test]
    fn its_schema_is_named_after_it_and_has_the_same_members() {
        let schema = CursorPage::<Mirror>::json_schema(&mut SchemaGenerator::default());
        assert_eq!(CursorPage::<Mirror>::schema_name(), "MirrorPage");
        let members: Vec<_> =
            schema.get("properties").unwrap().as_object().unwrap().keys().collect();
        assert_eq!(members, ["mirrors", "next_cursor"]);
        assert_eq!(schema.get("required"), Some(&json!(["mirrors"])));
    }
}
