//! The Lambda function `bundle-compare`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_bundles::BundleCompare>()
}
