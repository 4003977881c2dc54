//! The Lambda function `product-release-latest`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_products::ProductReleaseLatest>()
}
