//! The Lambda function `artifact-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_artifacts::ArtifactList>()
}
