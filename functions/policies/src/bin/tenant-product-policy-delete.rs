//! The Lambda function `tenant-product-policy-delete`.

use slipway_policies::{PolicyDelete, TenantProduct};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyDelete<TenantProduct>>()
}
