//! The Lambda function `product-update`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_products::ProductUpdate>()
}
