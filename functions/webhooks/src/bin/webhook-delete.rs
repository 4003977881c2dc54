//! The Lambda function `webhook-delete`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_webhooks::WebhookDelete>()
}
