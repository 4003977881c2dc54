//! The Lambda function `webhook-get`.

fn main() -> slipway_edge::Exit {
    slipway_edge::run::<slipway_webhooks::WebhookGet>()
}
