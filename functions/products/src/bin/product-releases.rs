//! The Lambda function `product-releases`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_products::ProductReleases>()
}
