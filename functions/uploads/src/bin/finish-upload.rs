//! The Lambda function `finish-upload`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_uploads::FinishUpload>()
}
