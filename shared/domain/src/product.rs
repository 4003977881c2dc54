//! Products: what a vendor releases.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::{Description, Name, Slug, TextError};
use crate::{Channel, Code, Error, ProductId, Result};

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// Its id.
    pub product_id: ProductId,
    /// Its name.
    pub name: Name,
    /// Its short name in URLs, unique in the deployment.
    pub slug: Option<Slug>,
    /// What it is.
    pub description: Option<Description>,
    /// Every channel it can be released on; `stable`, `beta` and `internal` are always among them.
    pub channels: BTreeSet<Channel>,
    /// Who may download what is released.
    pub artifact_access: ArtifactAccess,
    /// When it was created.
    #[schemars(with = "crate::page::Rfc3339")]
    pub created_at: Timestamp,
    /// When it was last changed.
    #[schemars(with = "crate::page::Rfc3339")]
    pub updated_at: Timestamp,
}

/// Names a product by its id or its slug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^(prod_)?[a-z0-9][a-z0-9-]{0,62}$"))]
pub enum ProductRef {
    /// By its id.
    Id(ProductId),
    /// By its slug.
    Slug(Slug),
}

impl TryFrom<String> for ProductRef {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        if text.starts_with("prod_") {
            text.parse().map(Self::Id)
        } else {
            text.parse().map(Self::Slug)
        }
    }
}

impl std::str::FromStr for ProductRef {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::try_from(text.to_owned())
    }
}

impl From<ProductRef> for String {
    fn from(name: ProductRef) -> Self {
        name.to_string()
    }
}

impl std::fmt::Display for ProductRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Slug(slug) => slug.fmt(f),
        }
    }
}

/// Who may download the artifacts of a product's live releases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ArtifactAccess {
    /// Anyone: installed clients need no credential.
    #[default]
    Public,
    /// Whoever has a token with `releases:read`.
    Token,
}

/// What product-create takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    /// Chosen by the caller, or made by Slipway.
    pub product_id: Option<ProductId>,
    /// Its name.
    pub name: Name,
    /// A short name for URLs, unique in the deployment.
    pub slug: Option<Slug>,
    /// What it is.
    pub description: Option<Description>,
    /// Channels besides `stable`, `beta` and `internal`; at most 64.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub channels: BTreeSet<Channel>,
    /// Who may download what is released.
    #[serde(default)]
    pub artifact_access: ArtifactAccess,
}

impl NewProduct {
    /// The product as of `now`; `id` is used where the caller chose none.
    ///
    /// # Errors
    /// `invalid_field` for more channels than a product can have.
    pub fn create(self, now: Timestamp, id: ProductId) -> Result<Product> {
        let Self { product_id, name, slug, description, channels, artifact_access } = self;
        let channels = with_standard(channels)?;
        let product_id = product_id.unwrap_or(id);
        Ok(Product {
            product_id,
            name,
            slug,
            description,
            channels,
            artifact_access,
            created_at: now,
            updated_at: now,
        })
    }
}

/// What product-update takes: the fields to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductPatch {
    /// A new name.
    pub name: Option<Name>,
    /// A new description.
    pub description: Option<Description>,
    /// New channels besides the standard ones, in place of the old ones. Releases on a channel that
    /// is left out stay.
    #[schemars(length(max = 64))]
    pub channels: Option<BTreeSet<Channel>>,
    /// Who may download what is released.
    pub artifact_access: Option<ArtifactAccess>,
}

impl Product {
    /// The product with `patch` applied at `now`.
    ///
    /// # Errors
    /// `invalid_field` for more channels than a product can have.
    pub fn patched(self, now: Timestamp, patch: ProductPatch) -> Result<Self> {
        Ok(Self {
            name: patch.name.unwrap_or(self.name),
            description: patch.description.or(self.description),
            channels: patch.channels.map_or(Ok(self.channels), with_standard)?,
            artifact_access: patch.artifact_access.unwrap_or(self.artifact_access),
            updated_at: now,
            ..self
        })
    }

    /// Makes sure that the product is released on `channel`.
    ///
    /// # Errors
    /// `unknown_channel`, with the channels that exist.
    pub fn require_channel(&self, channel: &Channel) -> Result<()> {
        if self.channels.contains(channel) {
            return Ok(());
        }
        let message = format!(
            "{} has no channel `{channel}`; add it with product-update, or use one of {:?}",
            self.product_id, self.channels
        );
        Err(Error::new(Code::UnknownChannel, message).at("channel"))
    }
}

fn with_standard(mut channels: BTreeSet<Channel>) -> Result<BTreeSet<Channel>> {
    if channels.len() > 64 {
        return Err(Error::invalid("channels", "a product has at most 64 channels of its own"));
    }
    channels.extend(Channel::standard());
    Ok(channels)
}
