//! The Lambda function `release-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseList>()
}
