//! The Lambda function `artifact-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_artifacts::ArtifactGet>()
}
