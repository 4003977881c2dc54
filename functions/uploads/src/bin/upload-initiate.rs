//! The Lambda function `upload-initiate`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_uploads::UploadInitiate>()
}
