//! The Lambda function `release-history`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseHistory>()
}
