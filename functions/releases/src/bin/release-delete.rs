//! The Lambda function `release-delete`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseDelete>()
}
