//! The Lambda function `product-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_products::ProductCreate>()
}
