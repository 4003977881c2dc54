//! The Lambda function `release-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseCreate>()
}
