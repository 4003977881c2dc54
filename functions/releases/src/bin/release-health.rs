//! The Lambda function `release-health`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseHealth>()
}
