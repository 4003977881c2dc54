//! The Lambda function `version-map-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_components::RegistryWebhookReceive>()
}
