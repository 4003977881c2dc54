//! Products and their slugs.

use slipway_domain::ProductId;

use super::Key;

/// A product. Its heads and releases share its partition.
#[must_use]
pub fn product(id: &ProductId) -> Key {
    Key::new(format!("PRODUCT#{id}"), "PRODUCT")
}

/// Makes a slug unique, and leads to its product.
#[must_use]
pub fn slug(slug: &str) -> Key {
    Key::singleton("SLUG", slug)
}
