//! The Lambda function `release-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseGet>()
}
