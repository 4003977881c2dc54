//! The Lambda function `release-artifact-add`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseArtifactAdd>()
}
