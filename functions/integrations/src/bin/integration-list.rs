//! The Lambda function `integration-list`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_integrations::IntegrationList>()
}
