//! The Lambda function `product-policy-get`.

use slipway_policies::{PolicyGet, Product};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyGet<Product>>()
}
