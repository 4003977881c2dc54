//! The Lambda function `bundle-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_bundles::BundleGet>()
}
