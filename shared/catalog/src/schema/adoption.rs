//! Which versions are in the field, by day.

use jiff::civil::Date;
use slipway_domain::ProductId;
use slipway_domain::adoption::AdoptionKey;

use super::Key;

/// The counts of a product, channel and day.
#[must_use]
pub fn adoption(key: &AdoptionKey) -> Key {
    let AdoptionKey { product_id, date, channel } = key;
    Key::new(adoption_of(product_id), format!("{}#{channel}", adoption_from(*date)))
}

/// The partition with the counts of a product.
#[must_use]
pub fn adoption_of(product: &ProductId) -> String {
    format!("ADOPTION#{product}")
}

/// Below all counts of `date` and later days, in the partition of their product.
#[must_use]
pub fn adoption_from(date: Date) -> String {
    date.strftime("%Y-%m-%d").to_string()
}
