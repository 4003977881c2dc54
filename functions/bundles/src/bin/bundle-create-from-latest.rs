//! The Lambda function `bundle-create-from-latest`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_bundles::BundleCreateFromLatest>()
}
