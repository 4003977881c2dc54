//! The Lambda function `product-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_products::ProductList>()
}
