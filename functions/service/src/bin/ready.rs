//! The Lambda function `ready`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_service::Ready>()
}
