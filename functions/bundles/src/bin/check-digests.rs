//! The Lambda function `check-digests`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_bundles::CheckDigests>()
}
