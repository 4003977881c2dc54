//! The Lambda function `integration-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_integrations::IntegrationGet>()
}
