//! The Lambda function `bundle-manifest`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_bundles::BundleManifestGet>()
}
