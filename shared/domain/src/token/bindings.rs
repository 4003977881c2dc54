//! What a new token is bound to has to exist: a slip would make a token that can do nothing.

use std::collections::BTreeSet;

use serde_json::json;

use super::Token;
use crate::product::Product;
use crate::trust_rule::TrustRule;
use crate::{Channel, Code, Error, ProductId, Result, TenantId};

/// What a token is bound to, or the tokens of a trust rule.
#[derive(Debug, Clone, Copy)]
pub struct Bindings<'a> {
    /// The tenant; `None` for none.
    pub tenant_id: Option<&'a TenantId>,
    /// The products; `None` for all.
    pub product_ids: Option<&'a BTreeSet<ProductId>>,
    /// The channels; `None` for all.
    pub channels: Option<&'a BTreeSet<Channel>>,
}

impl Token {
    /// What it is bound to.
    #[must_use]
    pub fn bindings(&self) -> Bindings<'_> {
        Bindings {
            tenant_id: self.tenant_id.as_ref(),
            product_ids: self.product_ids.as_ref(),
            channels: self.channels.as_ref(),
        }
    }
}

impl TrustRule {
    /// What its tokens are bound to.
    #[must_use]
    pub fn bindings(&self) -> Bindings<'_> {
        Bindings {
            tenant_id: self.tenant_id.as_ref(),
            product_ids: self.product_ids.as_ref(),
            channels: self.channels.as_ref(),
        }
    }
}

impl Bindings<'_> {
    /// Checks that the products among them are among `found`.
    ///
    /// # Errors
    /// `unknown_product`, with those that are not.
    pub fn require_products(&self, found: &[Product]) -> Result<()> {
        let is_found = |id: &ProductId| found.iter().any(|product| product.product_id == *id);
        let bound = self.product_ids.into_iter().flatten();
        let unknown: BTreeSet<_> = bound.filter(|id| !is_found(id)).collect();
        let Some(first) = unknown.first() else { return Ok(()) };
        let message =
            format!("there is no product {first}; a token is bound to products that exist");
        let error = Error::new(Code::UnknownProduct, message).at("product_ids");
        Err(error.with(json!({ "product_ids": unknown })))
    }

    /// The channels among them that not every product has.
    #[must_use]
    pub fn own_channels(&self) -> OwnChannels {
        let standard = Channel::standard();
        let bound = self.channels.into_iter().flatten();
        OwnChannels(bound.filter(|channel| !standard.contains(channel)).cloned().collect())
    }
}

/// Channels of a token that no product is known to have yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnChannels(BTreeSet<Channel>);

impl OwnChannels {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes out those on which one can release a version of `product`.
    pub fn remove_those_of(&mut self, product: &Product) {
        self.0.retain(|channel| product.require_channel_or_room(channel).is_err());
    }

    /// Checks that a product has each of them.
    ///
    /// # Errors
    /// `unknown_channel`, with those that none has.
    pub fn require_none(&self) -> Result<()> {
        let Some(first) = self.0.first() else { return Ok(()) };
        let message = format!(
            "none of the products that the token is for has a channel `{first}`; add it with product-update first"
        );
        let error = Error::new(Code::UnknownChannel, message).at("channels");
        Err(error.with(json!({ "channels": self.0 })))
    }
}
