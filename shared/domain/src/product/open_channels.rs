//! Open channels: releasing on a channel that the product does not have makes the channel.

use jiff::Timestamp;

use super::{MAX_CHANNELS, Product};
use crate::{Channel, Error, Result};

impl Product {
    /// Checks that a release can be made on `channel`: the product has it, or gets it with the
    /// release.
    ///
    /// # Errors
    /// As for [`Product::with_channel`].
    pub fn require_channel_or_room(&self, channel: &Channel) -> Result<()> {
        if self.channels.contains(channel) { Ok(()) } else { self.require_room(channel) }
    }

    /// The product with `channel` as well, which a release made at `now`; `None` if it has the
    /// channel.
    ///
    /// # Errors
    /// `unknown_channel` unless its channels are open; `invalid_field` for more channels than a
    /// product can have.
    pub fn with_channel(&self, now: Timestamp, channel: &Channel) -> Result<Option<Self>> {
        if self.channels.contains(channel) {
            return Ok(None);
        }
        self.require_room(channel)?;
        let mut product = Self { updated_at: now, ..self.clone() };
        product.channels.insert(channel.clone());
        Ok(Some(product))
    }

    fn require_room(&self, channel: &Channel) -> Result<()> {
        if !self.open_channels {
            return self.require_channel(channel);
        }
        let standard = Channel::standard();
        let own = self.channels.iter().filter(|channel| !standard.contains(channel)).count();
        if own < MAX_CHANNELS {
            return Ok(());
        }
        let message = format!(
            "{} has {own} channels of its own, which is the most, and `{channel}` is none of them; remove one with product-update",
            self.product_id
        );
        Err(Error::invalid("channel", message))
    }
}
