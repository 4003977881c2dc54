//! The Lambda function `tenant-product-policy-put`.

use slipway_policies::{PolicyPut, TenantProduct};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyPut<TenantProduct>>()
}
