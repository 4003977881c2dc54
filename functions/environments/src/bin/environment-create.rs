//! The Lambda function `environment-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_environments::EnvironmentCreate>()
}
