//! The Lambda function `tenant-product-policy-get`.

use slipway_policies::{PolicyGet, TenantProduct};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyGet<TenantProduct>>()
}
