//! An endpoint's documentation: the doc comment of its type.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::Value;

/// What a doc comment says. Its text is `CommonMark`, for the users of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Documentation(String);

impl Documentation {
    /// The doc comment of `T`, which `#[derive(JsonSchema)]` carries into the program: a doc
    /// comment is not visible to other code.
    #[must_use]
    pub fn of<T: JsonSchema>() -> Self {
        let schema = T::json_schema(&mut SchemaGenerator::default());
        let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
        Self(text.to_owned())
    }

    /// The first paragraph, on one line.
    #[must_use]
    pub fn summary(&self) -> String {
        self.0.split("\n\n").next().unwrap_or_default().replace('\n', " ")
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Publishes a version of a product
    /// on a channel.
    ///
    /// A version exists once per channel.
    #[derive(JsonSchema)]
    struct Documented;

    #[test]
    fn the_first_paragraph_is_the_summary_and_the_whole_comment_the_text() {
        let documentation = Documentation::of::<Documented>();
        assert_eq!(documentation.summary(), "Publishes a version of a product on a channel.");
        assert_eq!(
            documentation.text(),
            "Publishes a version of a product\non a channel.\n\nA version exists once per channel."
        );
    }
}
