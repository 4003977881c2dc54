//! The Lambda function `upload-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_uploads::UploadGet>()
}
