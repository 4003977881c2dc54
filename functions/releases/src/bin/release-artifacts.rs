//! The Lambda function `release-artifacts`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseArtifacts>()
}
