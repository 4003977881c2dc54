//! The Lambda function `release-promote`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleasePromote>()
}
