//! Products by whatever they are called.

use std::fmt;

use super::ProductRef;
use crate::text::{Name, Slug};

/// A product by its id, slug or display name. Several products may have one display name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamedProduct {
    /// By its id or slug alone.
    Ref(ProductRef),
    /// By a slug, or the display name of the same letters.
    SlugOrName(Slug, Name),
    /// By its display name.
    Name(Name),
}

impl NamedProduct {
    /// What `text` can stand for.
    #[must_use]
    pub fn of(text: &Name) -> Self {
        match text.as_str().parse() {
            Ok(ProductRef::Slug(slug)) => Self::SlugOrName(slug, text.clone()),
            Ok(id) => Self::Ref(id),
            Err(_) => Self::Name(text.clone()),
        }
    }
}

impl fmt::Display for NamedProduct {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ref(product) => product.fmt(formatter),
            Self::SlugOrName(_, name) | Self::Name(name) => name.fmt(formatter),
        }
    }
}

impl From<ProductRef> for NamedProduct {
    fn from(product: ProductRef) -> Self {
        Self::Ref(product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_an_id_or_may_be_a_slug_or_is_a_name() {
        let of = |text: &str| NamedProduct::of(&text.parse().unwrap());
        assert!(matches!(of("prod_app"), NamedProduct::Ref(ProductRef::Id(_))));
        assert!(matches!(of("releasy"), NamedProduct::SlugOrName(..)));
        for name in ["Releasy", "my app", "prod_", "prod_App", "日本"] {
            assert!(matches!(of(name), NamedProduct::Name(_)), "{name}");
        }
    }
}
