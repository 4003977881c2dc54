//! The Lambda function `upload-abort`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_uploads::UploadAbort>()
}
