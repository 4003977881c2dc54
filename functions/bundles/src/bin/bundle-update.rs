//! The Lambda function `bundle-update`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_bundles::BundleUpdate>()
}
