//! The Lambda function `environment-update`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_environments::EnvironmentUpdate>()
}
