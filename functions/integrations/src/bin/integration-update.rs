//! The Lambda function `integration-update`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_integrations::IntegrationUpdate>()
}
