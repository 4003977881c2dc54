//! The Lambda function `artifact-download`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_artifacts::ArtifactDownload>()
}
