//! The Lambda function `bundle-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_bundles::BundleCreate>()
}
