//! The Lambda function `product-policy-delete`.

use slipway_policies::{PolicyDelete, Product};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyDelete<Product>>()
}
