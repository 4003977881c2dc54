//! The Lambda function `verify-artifact`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_artifacts::VerifyArtifact>()
}
