//! The Lambda function `release-artifact-presign`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_releases::ReleaseArtifactPresign>()
}
