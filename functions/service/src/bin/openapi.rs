//! The Lambda function `openapi`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_service::OpenApi>()
}
