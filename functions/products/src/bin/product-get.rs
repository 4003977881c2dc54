//! The Lambda function `product-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_products::ProductGet>()
}
