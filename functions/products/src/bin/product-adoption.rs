//! The Lambda function `product-adoption`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_products::ProductAdoption>()
}
