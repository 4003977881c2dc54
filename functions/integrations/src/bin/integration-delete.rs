//! The Lambda function `integration-delete`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_integrations::IntegrationDelete>()
}
