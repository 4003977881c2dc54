//! The row of a product.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use slipway_domain::product::{ChannelSignOff, Product};
use slipway_domain::{Error, Result, Timestamp};

use super::StoredEntity;
use super::channel_follows::{self, FollowsRow};
use super::text::{self, StoredText};

impl StoredEntity for Product {
    type Row<'a> = ProductRow<'a>;

    fn to_row(&self) -> ProductRow<'_> {
        self.into()
    }

    fn from_row(row: ProductRow<'_>) -> Result<Self> {
        row.try_into()
    }
}

/// A product.
#[derive(Serialize, Deserialize)]
pub(crate) struct ProductRow<'a> {
    product_id: Cow<'a, str>,
    name: Cow<'a, str>,
    slug: Option<Cow<'a, str>>,
    description: Option<Cow<'a, str>>,
    channels: Vec<Cow<'a, str>>,
    /// Since the version after 0.1.0. Absent means that it is empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    allow_prerelease_on: Vec<Cow<'a, str>>,
    /// Since the version after 0.1.0. Absent means that none follows another.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    channel_follows: FollowsRow<'a>,
    /// Since the version after 0.1.0. Absent means that none asks for sign-off.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    channel_sign_off: BTreeMap<Cow<'a, str>, u32>,
    artifact_access: Cow<'a, str>,
    /// Since the version after 0.1.0. Absent means that it is not allowed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    allow_emulation: bool,
    /// Since the version after 0.1.0. Absent means that they are not open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    open_channels: bool,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl<'a> From<&'a Product> for ProductRow<'a> {
    fn from(value: &'a Product) -> Self {
        Self {
            product_id: value.product_id.to_text(),
            name: value.name.to_text(),
            slug: text::optional(value.slug.as_ref()),
            description: text::optional(value.description.as_ref()),
            channels: text::list(&value.channels),
            allow_prerelease_on: text::list(&value.allow_prerelease_on),
            channel_follows: channel_follows::to_row(&value.channel_follows),
            channel_sign_off: sign_off_to_row(&value.channel_sign_off),
            artifact_access: value.artifact_access.to_text(),
            allow_emulation: value.allow_emulation,
            open_channels: value.open_channels,
            created_at: value.created_at,
            updated_at: value.updated_at,
        }
    }
}

impl TryFrom<ProductRow<'_>> for Product {
    type Error = Error;

    fn try_from(row: ProductRow<'_>) -> Result<Self> {
        Ok(Self {
            product_id: StoredText::from_text(row.product_id)?,
            name: StoredText::from_text(row.name)?,
            slug: text::from_optional(row.slug)?,
            description: text::from_optional(row.description)?,
            channels: text::from_set(row.channels)?,
            allow_prerelease_on: text::from_set(row.allow_prerelease_on)?,
            channel_follows: channel_follows::from_row(row.channel_follows)?,
            channel_sign_off: sign_off_from_row(row.channel_sign_off)?,
            artifact_access: StoredText::from_text(row.artifact_access)?,
            allow_emulation: row.allow_emulation,
            open_channels: row.open_channels,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

fn sign_off_to_row(rules: &ChannelSignOff) -> BTreeMap<Cow<'_, str>, u32> {
    rules.iter().map(|(channel, approvals)| (channel.to_text(), approvals)).collect()
}

fn sign_off_from_row(row: BTreeMap<Cow<'_, str>, u32>) -> Result<ChannelSignOff> {
    let rule = |(channel, approvals)| Ok((StoredText::from_text(channel)?, approvals));
    row.into_iter().map(rule).collect()
}
