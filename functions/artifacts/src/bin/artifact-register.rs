//! The Lambda function `artifact-register`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_artifacts::ArtifactRegister>()
}
