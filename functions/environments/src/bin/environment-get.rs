//! The Lambda function `environment-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_environments::EnvironmentGet>()
}
