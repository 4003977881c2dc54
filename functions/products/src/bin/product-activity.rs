//! The Lambda function `product-activity`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_products::ProductActivity>()
}
