//! The Lambda function `webhook-create`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_webhooks::WebhookCreate>()
}
