//! The Lambda function `tenant-policy-get`.

use slipway_policies::{PolicyGet, Tenant};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyGet<Tenant>>()
}
