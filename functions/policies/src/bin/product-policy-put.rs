//! The Lambda function `product-policy-put`.

use slipway_policies::{PolicyPut, Product};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyPut<Product>>()
}
