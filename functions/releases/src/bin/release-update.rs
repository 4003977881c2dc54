//! The Lambda function `release-update`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseUpdate>()
}
