//! The Lambda function `environment-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_environments::EnvironmentList>()
}
