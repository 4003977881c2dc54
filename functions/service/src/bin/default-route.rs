//! The Lambda function `default-route`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_default_route(slipway_service::OPENAPI)
}
