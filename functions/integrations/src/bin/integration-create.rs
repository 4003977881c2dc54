//! The Lambda function `integration-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_integrations::IntegrationCreate>()
}
