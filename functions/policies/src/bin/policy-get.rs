//! The Lambda function `policy-get`.

use slipway_policies::{Global, PolicyGet};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyGet<Global>>()
}
