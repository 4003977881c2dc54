//! The Lambda function `tenant-policy-put`.

use slipway_policies::{PolicyPut, Tenant};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyPut<Tenant>>()
}
