//! The Lambda function `webhook-deliveries`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_webhooks::WebhookDeliveries>()
}
