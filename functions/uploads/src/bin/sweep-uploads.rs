//! The Lambda function `sweep-uploads`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_uploads::SweepUploads>()
}
