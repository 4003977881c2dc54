//! The Lambda function `upload-parts`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_uploads::UploadParts>()
}
