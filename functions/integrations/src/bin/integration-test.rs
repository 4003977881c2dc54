//! The Lambda function `integration-test`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_integrations::IntegrationTest>()
}
