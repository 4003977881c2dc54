//! Promotions of release bundles.

use slipway_composition::{EnvironmentId, PromotionId, ReleaseBundleId};

use super::Key;

/// The promotion of a release bundle.
#[must_use]
pub fn promotion(id: &PromotionId) -> Key {
    Key::singleton("PROMOTION", id)
}

/// What the keys of all promotions of a release bundle begin with.
#[must_use]
pub fn promotions_of(bundle: &ReleaseBundleId) -> Key {
    Key::new(format!("PROMOTIONSOF#{bundle}"), "ID#")
}

/// What the keys of all promotions to an environment begin with.
#[must_use]
pub fn promotions_to(environment: &EnvironmentId) -> Key {
    Key::new(format!("PROMOTIONSTO#{environment}"), "ID#")
}

/// That a promotion is one of those whose keys begin with `all`: leads to the segment of the list
/// that it is in.
#[must_use]
pub fn promotion_among(Key { pk, sk }: Key, id: &PromotionId) -> Key {
    Key::new(pk, format!("{sk}{id}"))
}

/// The partition of the promotions that are open.
pub const OPEN_PROMOTIONS: &str = "OPENPROMOTIONS";

/// The promotion to an environment that is open: there is one at a time.
#[must_use]
pub fn open_promotion(environment: &EnvironmentId) -> Key {
    Key::new(OPEN_PROMOTIONS, format!("ID#{environment}"))
}
