//! The Lambda function `advance-rollouts`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_releases::AdvanceRollouts>()
}
