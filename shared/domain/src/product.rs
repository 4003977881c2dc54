//! Products: the software that a vendor releases.

mod channel_follows;
mod channel_sign_off;
mod named;
mod open_channels;

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::channel_follows::{ChannelFollows, MAX_FOLLOWED};
pub use self::channel_sign_off::{ChannelSignOff, SignOffRule};
pub use self::named::NamedProduct;
use crate::json::sets;
use crate::page::Listed;
use crate::text::{Description, Name, Slug, TextError};
use crate::{Channel, Code, Error, ProductId, Result};

/// How many channels of its own a product has at the most, besides the standard ones.
const MAX_CHANNELS: usize = 64;

/// A product: software that is released and updated as a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Product {
    /// Id of the product.
    pub product_id: ProductId,
    /// Display name.
    pub name: Name,
    /// Short name for URLs, unique in the deployment; null if there is none.
    pub slug: Option<Slug>,
    /// Description; null if there is none.
    pub description: Option<Description>,
    /// Channels that the product can be released on. Always includes `stable`, `beta` and
    /// `internal`.
    pub channels: BTreeSet<Channel>,
    /// Channels, of those that refuse prereleases, on which they may be published all the same.
    /// Only `stable` refuses them.
    pub allow_prerelease_on: BTreeSet<Channel>,
    /// For each channel that follows others, those others: its clients are offered what is newer
    /// there as well.
    pub channel_follows: ChannelFollows,
    /// For each channel that asks for sign-off, how many others have to approve what gives its
    /// clients an update.
    pub channel_sign_off: ChannelSignOff,
    /// Who may download the artifacts of its live releases.
    pub artifact_access: ArtifactAccess,
    /// Whether a client for whose processor a release has no artifact is offered one that its
    /// operating system emulates: x86-64 on Arm Windows and macOS, 32-bit x86 on 64-bit x86 and on
    /// Arm Windows.
    pub allow_emulation: bool,
    /// Whether releasing on a channel that the product does not have makes the channel.
    pub open_channels: bool,
    /// Time of creation, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub created_at: Timestamp,
    /// Time of the last change, RFC 3339, UTC.
    #[schemars(with = "crate::page::Rfc3339")]
    pub updated_at: Timestamp,
}

impl Listed for Product {
    const MEMBER: &'static str = "products";
}

/// A reference to a product: its id or its slug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^(prod_)?[a-z0-9][a-z0-9-]{0,62}$", "examples" = ["prod_xyz789"]))]
pub enum ProductRef {
    /// The product with this id.
    Id(ProductId),
    /// The product with this slug.
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
    /// Everyone: installed clients need no credential.
    #[default]
    Public,
    /// Holders of a token with the scope `releases:read`.
    Token,
}

/// Request body of product-create.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    /// Id of the product. Default: generated.
    pub product_id: Option<ProductId>,
    /// Display name.
    pub name: Name,
    /// Short name for URLs, unique in the deployment. Default: none.
    pub slug: Option<Slug>,
    /// Description. Default: none.
    pub description: Option<Description>,
    /// Channels besides `stable`, `beta` and `internal`; at most 64. Default: none.
    #[serde(default, deserialize_with = "sets::distinct")]
    #[schemars(length(max = 64))]
    pub channels: BTreeSet<Channel>,
    /// Channels, of those that refuse prereleases, on which they may be published all the same.
    /// Only `stable` refuses them. Default: none.
    #[serde(default, deserialize_with = "sets::distinct")]
    #[schemars(length(max = 67))]
    pub allow_prerelease_on: BTreeSet<Channel>,
    /// For each channel that follows others, those others, one to four of the product's channels,
    /// or of any where its channels are open: its clients are offered what is newer there as well.
    /// Not transitive. Default: none.
    #[serde(default)]
    pub channel_follows: ChannelFollows,
    /// For each channel that asks for sign-off, how many others have to approve what gives its
    /// clients an update: 1 to 3. It holds on the channels that it follows, too. Default: none.
    #[serde(default)]
    pub channel_sign_off: ChannelSignOff,
    /// Who may download the artifacts of its live releases. Default: `public`.
    #[serde(default)]
    pub artifact_access: ArtifactAccess,
    /// Whether a client for whose processor a release has no artifact is offered one that its
    /// operating system emulates. Default: false.
    #[serde(default)]
    pub allow_emulation: bool,
    /// Whether releasing on a channel that the product does not have makes the channel. Default:
    /// false.
    #[serde(default)]
    pub open_channels: bool,
}

impl NewProduct {
    /// The product as of `now`; `id` is used if the caller chose none.
    ///
    /// # Errors
    /// `invalid_field` for more channels than a product can have, or one in `allow_prerelease_on`
    /// or `channel_follows` that it has not.
    pub fn create(self, now: Timestamp, id: ProductId) -> Result<Product> {
        let Self { product_id, name, slug, description, channels, artifact_access, .. } = self;
        let channels = with_standard(channels)?;
        let allow_prerelease_on = among(&channels, self.allow_prerelease_on)?;
        let is_known = |channel: &Channel| self.open_channels || channels.contains(channel);
        let channel_follows = self.channel_follows.checked(is_known)?;
        let channel_sign_off = self.channel_sign_off.checked(is_known)?;
        let product_id = product_id.unwrap_or(id);
        Ok(Product {
            product_id,
            name,
            slug,
            description,
            channels,
            allow_prerelease_on,
            channel_follows,
            channel_sign_off,
            artifact_access,
            allow_emulation: self.allow_emulation,
            open_channels: self.open_channels,
            created_at: now,
            updated_at: now,
        })
    }
}

/// Request body of product-update. Fields that are left out stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductPatch {
    /// New display name.
    pub name: Option<Name>,
    /// New description.
    pub description: Option<Description>,
    /// New channels besides `stable`, `beta` and `internal`; they replace the previous ones. A
    /// channel with live releases can't be removed.
    #[serde(default, deserialize_with = "sets::optional")]
    #[schemars(length(max = 64), !default)]
    pub channels: Option<BTreeSet<Channel>>,
    /// New channels, of those that refuse prereleases, on which they may be published all the same;
    /// they replace the previous ones. Only `stable` refuses prereleases.
    #[serde(default, deserialize_with = "sets::optional")]
    #[schemars(length(max = 67), !default)]
    pub allow_prerelease_on: Option<BTreeSet<Channel>>,
    /// For each channel that follows others, those others; replaces all of the previous ones. A
    /// channel that is in it can't be removed.
    pub channel_follows: Option<ChannelFollows>,
    /// For each channel that asks for sign-off, how many others have to approve; replaces all of the
    /// previous ones. What weakens the sign-off of a channel waits for it itself.
    pub channel_sign_off: Option<ChannelSignOff>,
    /// Who may download the artifacts of its live releases.
    pub artifact_access: Option<ArtifactAccess>,
    /// Whether a client for whose processor a release has no artifact is offered one that its
    /// operating system emulates.
    pub allow_emulation: Option<bool>,
    /// Whether releasing on a channel that the product does not have makes the channel.
    pub open_channels: Option<bool>,
}

impl Product {
    /// The product with `patch` applied at `now`; `None` if that changes nothing.
    ///
    /// # Errors
    /// `invalid_field` for more channels than a product can have, or one in `allow_prerelease_on`
    /// or `channel_follows` that it has not, also where `channel_follows` stays and the channels
    /// are no longer open; `stale_state` for a removed channel that is in a `channel_follows` that
    /// stays.
    pub fn patched(&self, now: Timestamp, patch: ProductPatch) -> Result<Option<Self>> {
        let patched = self.clone().with(patch)?;
        Ok((patched != *self).then_some(Self { updated_at: now, ..patched }))
    }

    fn with(self, patch: ProductPatch) -> Result<Self> {
        let before = self.channels.clone();
        let channels = patch.channels.map_or(Ok(self.channels), with_standard)?;
        let allow_prerelease_on = match patch.allow_prerelease_on {
            Some(allowed) => among(&channels, allowed)?,
            // What allowed prereleases on a channel goes with the channel.
            None => self.allow_prerelease_on.intersection(&channels).cloned().collect(),
        };
        let open_channels = patch.open_channels.unwrap_or(self.open_channels);
        let has_follows = patch.channel_follows.is_some();
        // The rule of a channel that is removed stays, so that it holds when the channel comes back.
        let is_known = |channel: &Channel| {
            open_channels || channels.contains(channel) || self.channel_sign_off.of(channel) > 0
        };
        let channel_sign_off =
            patch.channel_sign_off.map(|rules| rules.checked(is_known)).transpose()?;
        let product = Self {
            name: patch.name.unwrap_or(self.name),
            description: patch.description.or(self.description),
            channels,
            allow_prerelease_on,
            channel_follows: patch.channel_follows.unwrap_or(self.channel_follows),
            channel_sign_off: channel_sign_off.unwrap_or(self.channel_sign_off),
            artifact_access: patch.artifact_access.unwrap_or(self.artifact_access),
            allow_emulation: patch.allow_emulation.unwrap_or(self.allow_emulation),
            open_channels,
            ..self
        };
        product.require_known_follows(&before, has_follows)?;
        Ok(product)
    }

    /// Checks that the product has `channel`.
    ///
    /// # Errors
    /// `unknown_channel`, with the channels that the product has.
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
    if channels.len() > MAX_CHANNELS {
        return Err(Error::invalid("channels", "a product has at most 64 channels of its own"));
    }
    channels.extend(Channel::standard());
    Ok(channels)
}

/// `chosen`, all of which have to be `channels` of the product.
fn among(channels: &BTreeSet<Channel>, chosen: BTreeSet<Channel>) -> Result<BTreeSet<Channel>> {
    match chosen.iter().find(|channel| !channels.contains(channel)) {
        None => Ok(chosen),
        Some(unknown) => {
            let message =
                format!("the product has no channel `{unknown}`; use some of {channels:?}");
            Err(Error::invalid("allow_prerelease_on", message))
        }
    }
}
