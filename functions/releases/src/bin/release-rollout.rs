//! The Lambda function `release-rollout`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseRollout>()
}
