//! The Lambda function `bundle-state`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_bundles::BundleState>()
}
