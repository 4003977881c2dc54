//! The Lambda function `tenant-policy-delete`.

use slipway_policies::{PolicyDelete, Tenant};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyDelete<Tenant>>()
}
