//! The Lambda function `bundle-delete`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_bundles::BundleDelete>()
}
