//! Which versions are in the field, and how many clients were offered a release, by day.

use jiff::civil::Date;
use slipway_domain::adoption::AdoptionKey;
use slipway_domain::outcome::OfferedKey;
use slipway_domain::{ProductId, ReleaseId};

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

/// The clients that were offered a release on a day.
#[must_use]
pub fn offered(key: &OfferedKey) -> Key {
    Key::new(offered_of(&key.release_id), adoption_from(key.date))
}

/// The partition with the clients that were offered a release.
#[must_use]
pub fn offered_of(release: &ReleaseId) -> String {
    format!("OFFERED#{release}")
}
