//! The Lambda function `live`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_service::Live>()
}
