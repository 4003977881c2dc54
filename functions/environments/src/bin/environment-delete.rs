//! The Lambda function `environment-delete`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_environments::EnvironmentDelete>()
}
