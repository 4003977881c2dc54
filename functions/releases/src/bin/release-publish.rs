//! The Lambda function `release-publish`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleasePublish>()
}
