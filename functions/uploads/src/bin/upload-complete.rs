//! The Lambda function `upload-complete`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_uploads::UploadComplete>()
}
