//! The Lambda function `registry-webhook-receive`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_components::RegistryWebhookReceive>()
}
