//! The Lambda function `release-revoke`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseRevoke>()
}
