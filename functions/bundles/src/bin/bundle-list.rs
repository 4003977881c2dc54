//! The Lambda function `bundle-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_bundles::BundleList>()
}
