//! The Lambda function `health`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_service::Health>()
}
