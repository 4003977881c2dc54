//! The Lambda function `bundle-deprecate`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_bundles::BundleDeprecate>()
}
