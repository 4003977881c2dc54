//! The Lambda function `artifact-verify`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_artifacts::ArtifactVerify>()
}
