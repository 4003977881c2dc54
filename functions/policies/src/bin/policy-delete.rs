//! The Lambda function `policy-delete`.

use slipway_policies::{Global, PolicyDelete};

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<PolicyDelete<Global>>()
}
