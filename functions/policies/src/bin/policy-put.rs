//! The Lambda function `policy-put`.

use slipway_policies::{Global, PolicyPut};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyPut<Global>>()
}
