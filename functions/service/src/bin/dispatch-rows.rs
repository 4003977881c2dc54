//! The Lambda function `dispatch-rows`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run_job::<slipway_service::DispatchRows>()
}
